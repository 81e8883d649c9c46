import { harmlessText } from '../text/harmless.ts';

/** Says what is going on, one thing after another; nothing stays on the screen. */
export interface Spinner {
  say(text: string): void;
  stop(): void;
}

/** A spinner on a terminal, plain lines elsewhere. For work that has no phases: those are `tasks.ts`. */
export async function spinner(stream: NodeJS.WriteStream): Promise<Spinner> {
  if (!stream.isTTY) return { say: (text) => void stream.write(`${harmlessText(text)}\n`), stop: () => {} };
  const { default: ora } = await import('ora');
  // discardStdin would swallow what is typed meanwhile, Ctrl-C included
  const spinning = ora({ stream, discardStdin: false }).start();
  return {
    say: (text) => {
      spinning.text = harmlessText(text);
    },
    stop: () => void spinning.stop(),
  };
}
