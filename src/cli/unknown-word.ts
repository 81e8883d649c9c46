import type { Command } from 'commander';
import { nearest } from '../config/spelling.ts';

/** Refuses the first word that a group has no command for, with the one that was probably meant. */
export function refuseWord(group: Command): never {
  const word = group.args[group.registeredArguments.length] ?? '';
  const meant = nearest(
    word,
    group.commands.map((each) => each.name()),
  );
  group.error(`error: unknown command '${word}'${meant ? `\n(Did you mean ${meant}?)` : ''}`, {
    code: 'commander.unknownCommand',
  });
}
