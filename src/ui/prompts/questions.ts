import { themeOf } from './ask.ts';
import type { Terminal } from './terminal.ts';

/** Asks a person, one question after the other. Rejects with `Left` when the questions are left with Ctrl-C or Ctrl-D. */
export interface Questions {
  /** `wrong` says what is the matter with an answer; nothing when it will do. An empty answer takes the default. */
  text(
    message: string,
    options?: { readonly default?: string; wrong?(answer: string): string | undefined },
  ): Promise<string>;
  choice<T extends string>(message: string, choices: Readonly<Record<T, string>>): Promise<T>;
}

/** Whoever was asked went away. */
export class PromptAborted extends Error {}

/** Questions on a terminal; on its stderr, since stdout is for data. */
export async function questionsOn({ input, output, view, signal }: Terminal): Promise<Questions> {
  const { input: ask, select } = await import('@inquirer/prompts');
  const context = { input, output, ...(signal === undefined ? {} : { signal }) };
  const theme = themeOf(view);
  return {
    text: (message, { default: usual, wrong = () => undefined } = {}) =>
      orLeft(
        ask(
          {
            message,
            theme,
            validate: (answer) => wrong(answer.trim()) ?? true,
            ...(usual === undefined ? {} : { default: usual }),
          },
          context,
        ),
      ).then((answer) => answer.trim()),
    choice: (message, choices) => {
      const all = Object.entries<string>(choices).map(([value, about]) => ({
        value: value as keyof typeof choices,
        name: `${value}: ${about}`,
        short: value,
      }));
      return orLeft(select({ message, choices: all, theme: { ...theme, icon: { cursor: '>' } } }, context));
    },
  };
}

async function orLeft<T>(asked: Promise<T>): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof Error && error.name === 'ExitPromptError') throw new PromptAborted('the questions were left');
    throw error;
  }
}
