import type { Duplex } from 'node:stream';
import type { Artifacts, Content } from '../../src/core/artifacts.ts';
import type { Writer } from '../../src/core/context.ts';
import { CpaasError } from '../../src/core/errors.ts';
import { isReading } from '../../src/core/reading.ts';
import type { Command } from '../../src/core/step.ts';
import type { Output, RunOptions, Transport } from '../../src/core/transport.ts';
import { fakeArtifacts } from './fake-artifacts.ts';

/** Thrown by whatever a machine is asked once its power has failed. */
class PowerCut extends Error {}

/** Counts the changes a world may still make. Fakes call `spend` before each single change that the real thing makes whole. */
export class Power {
  #left = Number.POSITIVE_INFINITY;
  /** Whether the power has failed. */
  out = false;

  /** The power comes (back) for so many changes. */
  supply(changes = Number.POSITIVE_INFINITY): void {
    this.#left = changes;
    this.out = false;
  }

  spend(): void {
    if (this.#left-- <= 0) this.out = true;
    this.check();
  }

  check(): void {
    if (this.out) throw new PowerCut('power cut');
  }
}

/** What a program of a fake machine ends with; a string is what it prints, and it ended well. */
export type Ending = string | Partial<Output>;
export type FakeProgram = (args: readonly string[], stdin: string) => Ending | Promise<Ending>;

/** A machine made of programs and text files. A program that is not listed ends with 127, as in a shell. */
export interface FakeMachine {
  readonly name: string;
  readonly programs: Readonly<Record<string, FakeProgram>>;
  readonly files?: Map<string, string>;
  /** Instead of `files`, for a machine that knows the modes of its files. */
  readonly disk?: {
    read(path: string): string | undefined;
    write(path: string, content: string, mode: number): void;
  };
  open?(argv: readonly string[]): Promise<Duplex>;
}

/** One thing that was sent to change something: a command, a file, a conversation. */
export type Sent = Command & { readonly host: string };

/** A machine as steps meet it. `sent` gets whatever was not a question; questions must be on the list of harmless commands. */
export function fakeTransport(key: string, machine: FakeMachine, power = new Power(), sent: Sent[] = []): Transport {
  const { name, files = new Map<string, string>() } = machine;
  const exec = async (argv: readonly string[], { stdin = '', codes = [] }: RunOptions): Promise<Output> => {
    power.check();
    const [program = '', ...args] = argv;
    const known = Object.hasOwn(machine.programs, program) ? machine.programs[program] : undefined;
    const ending = known ? await known(args, stdin) : { code: 127, stderr: `${program}: command not found\n` };
    const output = { stdout: '', stderr: '', code: 0, ...(typeof ending === 'string' ? { stdout: ending } : ending) };
    if (output.code === 0 || codes.includes(output.code)) return output;
    throw new CpaasError('HOST.COMMAND', `${name}: ${argv.join(' ')} ended with ${output.code}`, {
      evidence: [{ label: 'answer', text: (output.stderr || output.stdout).trim() }],
    });
  };
  const query: Transport['query'] = async ({ argv, codes }) => {
    if (!isReading(argv)) throw new Error(`asked as a question, but may change something: ${argv.join(' ')}`);
    return exec(argv, { codes });
  };
  return {
    name,
    query,
    queryAll: async (commands) => {
      const outputs: Output[] = [];
      for (const command of commands) outputs.push(await query(command));
      return outputs;
    },
    follow: async function* (command) {
      const { stdout } = await query(command);
      yield* stdout.split('\n').filter(Boolean);
    },
    read: async (path) => {
      power.check();
      return machine.disk ? machine.disk.read(path) : files.get(path);
    },
    run: (argv, options = {}) => {
      if (!isReading(argv))
        sent.push({ host: key, argv, ...(options.stdin === undefined ? {} : { stdin: options.stdin }) });
      return exec(argv, options);
    },
    write: async (path, content, { mode = 0o644 } = {}) => {
      const text = typeof content === 'string' ? content : await gathered(content);
      sent.push({ host: key, argv: ['write', path], stdin: text });
      power.spend();
      if (machine.disk) machine.disk.write(path, text, mode);
      else files.set(path, text);
    },
    open: async (argv) => {
      sent.push({ host: key, argv });
      power.check();
      if (!machine.open) throw new Error(`${name} holds no conversations`);
      return machine.open(argv);
    },
  };
}

async function gathered(content: Content): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of content.open()) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

export type FakeContext = Writer & {
  /** In order, all that was sent to change something. */
  readonly sent: Sent[];
  /** All that was said of progress. */
  readonly said: string[];
};

/** What reading and writing need, over fake machines named by their host keys. A secret is its reference in words. */
export function fakeContext(
  machines: Readonly<Record<string, FakeMachine>>,
  {
    power = new Power(),
    sent = [],
    artifacts = fakeArtifacts(),
    going = [],
  }: {
    readonly power?: Power;
    readonly sent?: Sent[];
    readonly artifacts?: Artifacts;
    readonly going?: readonly string[];
  } = {},
): FakeContext {
  const said: string[] = [];
  return {
    sent,
    said,
    host: (key) => {
      const machine = machines[key];
      if (!machine) throw new Error(`no machine is known as ${key}`);
      return fakeTransport(key, machine, power, sent);
    },
    identity: async (key) => `identity of ${key}`,
    secret: async (ref) => `secret:${JSON.stringify(ref)}`,
    artifacts,
    isGoing: (step) => going.includes(step),
    progress: (text) => said.push(text),
    signal: new AbortController().signal,
  };
}
