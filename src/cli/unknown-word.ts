import type { Command } from 'commander';
import { nearest } from '../config/spelling.ts';

/** Groups take words that are too many, to say what may have been meant: the first one that there is no command for is refused. */
export function refuseUnknownWord(group: Command, words: readonly string[] = group.args): void {
  const word = words[group.registeredArguments.length];
  if (group.commands.length === 0 || word === undefined) return;
  const meant = nearest(
    word,
    group.commands.map((each) => each.name()),
  );
  group.error(`error: unknown command '${word}'${meant ? `\n(Did you mean ${meant}?)` : ''}`, {
    code: 'commander.unknownCommand',
  });
}

/** The same when help is asked for, which Commander would give of the group. What follows an option may be its value. */
export function refuseHelpOfUnknownWord(group: Command): void {
  const option = group.args.findIndex((word) => word.startsWith('-'));
  refuseUnknownWord(group, option < 0 ? group.args : group.args.slice(0, option));
}
