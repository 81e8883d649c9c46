import { oneLine } from '../text/harmless.ts';
import type { View } from '../text/renderer.ts';
import { eventText } from './event-text.ts';
import { listener, type UiListener } from './listener.ts';
import { follow, startPhase } from './progress.ts';
import { type TaskDrawing, type TasksOptions, taskDrawing } from './task-drawing.ts';
import { endedLines } from './task-lines.ts';

/** Names of phases still to come, below the one that runs. */
type Upcoming = readonly string[];

/**
 * A task list on a terminal: one line a phase, or one for each host. listr2 draws what is running and takes it away again; what has
 * ended is printed once and stays, with the details of what failed. It decides nothing.
 */
export function tasksListener(options: TasksOptions, upcoming: Upcoming = []): UiListener {
  const { stream, style, redact } = options;
  const view = (): View => ({ style, width: stream.columns || 80 });
  let left = upcoming;
  let running: TaskDrawing | undefined;
  /** Drawings and lines, one after another: listr2 ends a little later than the phase it shows. */
  let screen: Promise<void> = Promise.resolve();
  const print = (lines: readonly string[]) => {
    screen = screen.then(() => void stream.write(lines.map((line) => `${line}\n`).join('')));
  };
  const end = () => {
    if (running === undefined) return;
    const { progress, finish } = running;
    running = undefined;
    finish();
    print(endedLines(progress, view()));
  };

  return listener(
    (event) => {
      if (event.type === 'warning') print([style.encode(style.change(`! ${oneLine(redact(event.text))}`))]);
      if (event.type === 'artifact.fetched' && running === undefined)
        print(eventText(event, redact).lines.map((line) => style.encode(style.dim(line))));
      if (event.type === 'phase.start') {
        end();
        left = left.slice(left.indexOf(event.phase) + 1);
        running = taskDrawing(startPhase(event, redact), left, options);
        const { draw } = running;
        screen = screen.then(draw);
      } else if (running !== undefined) {
        if (event.type === 'command') return;
        follow(running.progress, event);
        running.refresh();
      }
      if (event.type === 'phase.end' || event.type === 'run.end') end();
    },
    async () => {
      end();
      await screen;
    },
  );
}
