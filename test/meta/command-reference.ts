import { runCpaas } from '../helpers/run-cpaas.ts';
import { allCommands } from './program.ts';

/** The reference page of the command line, in Markdown: the help of every command, the options that all of them take but once. */
export async function commandReference(): Promise<string> {
  const commands = await allCommands();
  const pages = await Promise.all(
    commands.map(async ({ words }) => {
      const { stdout } = await runCpaas([...words, '--help']);
      return `## cpaas ${words.join(' ')}\n\n${fenced(withoutGlobals(stdout))}`;
    }),
  );
  const { stdout } = await runCpaas('--help');
  return `${[INTRODUCTION, fenced(stdout), ...pages].join('\n\n')}\n`;
}

const INTRODUCTION = `# The command line

<!-- Made from the help of each command by scripts/docs. -->

Every command takes the options of \`cpaas\` itself, before or after its name.`;

const fenced = (text: string): string => `\`\`\`text\n${text.trim()}\n\`\`\``;

const withoutGlobals = (help: string): string => help.replace(/\nGlobal Options:\n(?:\s+\S.*\n)+/, '');
