import type { Screen } from '../text/environment.ts';
import type { View } from '../text/renderer.ts';
import type { Style } from '../text/style.ts';
import type { PhaseProgress, Row } from './progress.ts';
import { isShown, liveLine, restLine } from './task-lines.ts';

export interface TasksOptions {
  readonly stream: Screen;
  readonly style: Style;
  readonly unicode: boolean;
  readonly redact: (text: string) => string;
}

/** The lines of one phase while it runs, drawn by listr2 and taken away by it at the end. */
export interface TaskDrawing {
  readonly progress: PhaseProgress;
  /** Shows what the progress says now. */
  refresh(): void;
  /** The phase is over. */
  finish(): void;
  /** Draws until `finish`; at once over when that was called before. */
  draw(): Promise<void>;
}

/** What a row of listr2 is to us. Its own types do not survive `exactOptionalPropertyTypes`. */
interface Cell {
  title: string;
}

/** listr2 shows nothing for it. */
const HIDDEN = ' ';

export function taskDrawing(progress: PhaseProgress, upcoming: readonly string[], options: TasksOptions): TaskDrawing {
  const lines = new Map<string, Line>();
  for (const name of new Set([...progress.rows.keys(), progress.phase])) lines.set(name, line());
  let over = false;

  const view = (): View => ({ style: options.style, width: columns(options.stream) });
  const title = (name: string): string => {
    const row = progress.rows.get(name);
    if (row === undefined) return restLine(progress, view()) ?? HIDDEN;
    return isShown(progress, row) ? liveLine(row, view()) : HIDDEN;
  };
  const refresh = () => {
    for (const [name, { cell, end }] of lines) {
      if (cell !== undefined) cell.title = title(name);
      const row = progress.rows.get(name);
      if (row?.state === 'ended') end(row);
    }
  };
  const finish = () => {
    over = true;
    for (const [name, { end }] of lines) end(progress.rows.get(name));
  };
  const draw = async () => {
    if (over) return;
    const { DefaultRenderer, Listr } = await import('listr2');
    // listr2 would ask whether stdout is a terminal, and print there if not. Ours was asked already: stderr is.
    class OnStderr extends DefaultRenderer {
      static override nonTTY = true;
    }
    const rows = [...lines].map(([name, each]) => ({
      title: title(name),
      task: (_: unknown, cell: Cell) => {
        each.cell = cell;
        return each.ended;
      },
    }));
    const list = new Listr(
      [
        { task: (_, root) => root.newListr(rows, { concurrent: true }) },
        ...upcoming.map((name) => ({ title: name, task: hide })),
      ],
      {
        // listr2 answers Ctrl-C with process.exit, past every `finally`.
        registerSignalListeners: false,
        exitOnError: false,
        renderer: OnStderr,
        rendererOptions: await appearance(options),
      },
    );
    await list.run();
  };
  return { progress, refresh, finish, draw };
}

/** Phases to come are not this phase's to end. */
const hide = (_: unknown, cell: Cell): void => {
  cell.title = HIDDEN;
};

interface Line {
  cell: Cell | undefined;
  /** Made before listr2 starts the row, which may be after the row's end. */
  readonly ended: Promise<void>;
  readonly end: (row: Row | undefined) => void;
}

function line(): Line {
  let end: Line['end'] = () => {};
  const ended = new Promise<void>((resolve, reject) => {
    end = (row) => (row?.failed.length ? reject(new Error(row.name)) : resolve());
  });
  ended.catch(() => {});
  return { cell: undefined, ended, end };
}

/** listr2 wraps at the width of stdout, two columns earlier; a wrapped line would jump. */
const columns = ({ columns: own }: TasksOptions['stream']): number =>
  Math.min(own || 80, process.stdout.columns || 80) - 2;

async function appearance({ stream, style, unicode }: TasksOptions) {
  const { ListrLogger, ProcessOutput, Spinner } = await import('listr2');
  const terminal = stream as NodeJS.WriteStream;
  const spinner = new Spinner();
  if (!unicode) Object.assign(spinner, { spinner: ['-', '\\', '|', '/'] });
  return {
    // Everything on stderr: stdout is for data.
    logger: new ListrLogger({
      useIcons: true,
      toStderr: [],
      processOutput: new ProcessOutput(terminal, terminal, { leaveEmptyLine: false }),
    }),
    spinner,
    clearOutput: true,
    indentation: 0,
    collapseErrors: false,
    showErrorMessage: false,
    icon: { COMPLETED: style.encode('✔'), FAILED: style.encode('✖'), WAITING: ' ', PENDING: '-' },
    color: {
      COMPLETED: paint(style.done),
      FAILED: paint(style.wrong),
      WAITING: paint(style.dim),
      PENDING: paint(style.change),
    },
  };
}

const paint =
  (colour: (text: string) => string) =>
  (text = ''): string =>
    colour(text);
