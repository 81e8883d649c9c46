import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { CpaasError } from '../../core/errors.ts';
import { ROOT_PATH } from '../machines/run.ts';
import type { ChildSpec, Log } from './parts.ts';

/** Milliseconds: pause before the first new start, the longest one, and how long a child must live to be trusted again. */
const BACK_OFF = { first: 200, longest: 15_000, trusted: 10_000 };
/** Milliseconds between two looks at whether a child is ready, and until it is given up. */
const READY = { every: 50, deadline: 60_000 };
/** Its last lines, as evidence. */
const LINES = 8;

/** A process that is kept running: started again when it ends, until it is stopped. */
export class Child {
  readonly spec: ChildSpec;
  readonly #log: Log;
  readonly #onChange: () => void;
  #process: ChildProcess | undefined;
  #wanted = false;
  /** Whether the process that runs now was seen to be ready. */
  #seenReady = false;
  #again: NodeJS.Timeout | undefined;
  #backOff = BACK_OFF.first;
  #lines: readonly string[] = [];
  #ended: Promise<void> = Promise.resolve();

  constructor(spec: ChildSpec, log: Log, onChange: () => void) {
    this.spec = spec;
    this.#log = log;
    this.#onChange = onChange;
  }

  get running(): boolean {
    return this.#process !== undefined;
  }

  start(): void {
    this.#wanted = true;
    if (!this.#process && !this.#again) this.#spawn();
  }

  /** Resolves when it is ready. Rejects with `LAB.FAILED` and its last lines when it is not in time, or ended for good. */
  async ready(): Promise<void> {
    const until = Date.now() + READY.deadline;
    while (!this.#seenReady) {
      const missing = this.running ? await this.spec.readyWhen?.() : 'it does not run';
      this.#seenReady = missing === undefined && this.running;
      if (this.#seenReady) return;
      const over = !this.#wanted || (!this.running && !this.spec.restart) || Date.now() > until;
      if (over) throw this.#failure(missing ?? 'it does not run');
      await pause(READY.every);
    }
  }

  /** Ends it, and what it has started in its process group; resolves when it is gone. */
  async stop(): Promise<void> {
    this.#wanted = false;
    clearTimeout(this.#again);
    this.#again = undefined;
    if (this.#process?.pid) kill(-this.#process.pid);
    await this.#ended;
  }

  #spawn(): void {
    const { namespace, argv, env, cwd = '/' } = this.spec;
    const [program = '', ...args] = namespace ? ['ip', 'netns', 'exec', namespace, ...argv] : argv;
    const started = Date.now();
    // A process group of its own, so that what it forks ends with it.
    const process_ = spawn(program, args, {
      cwd,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, PATH: ROOT_PATH, ...env },
    });
    this.#process = process_;
    for (const stream of [process_.stdout, process_.stderr])
      createInterface({ input: stream }).on('line', (line) => this.#said(line));
    this.#ended = new Promise((resolve) => {
      const over = (how: string) => {
        if (this.#process !== process_) return;
        this.#process = undefined;
        this.#seenReady = false;
        if (process_.pid) kill(-process_.pid);
        if (this.#wanted) this.#restart(how, Date.now() - started);
        resolve();
        this.#onChange();
      };
      process_.once('error', (error) => over(error.message));
      process_.once('exit', (code, signal) => over(signal ? `was killed by ${signal}` : `ended with ${code}`));
    });
    this.#onChange();
  }

  #restart(how: string, lived: number): void {
    if (lived > BACK_OFF.trusted) this.#backOff = BACK_OFF.first;
    this.#said(this.spec.restart ? `${how}; starting it again in ${this.#backOff} ms` : how);
    if (!this.spec.restart) return;
    this.#again = setTimeout(() => {
      this.#again = undefined;
      this.#spawn();
    }, this.#backOff);
    this.#backOff = Math.min(this.#backOff * 2, BACK_OFF.longest);
  }

  #said(line: string): void {
    this.#lines = [...this.#lines, line].slice(-LINES);
    this.#log(`${this.spec.id}: ${line}`);
  }

  #failure(missing: string): CpaasError {
    return new CpaasError('LAB.FAILED', `${this.spec.id} did not come up: ${missing}`, {
      evidence: this.#lines.map((text) => ({ label: 'said', text })),
    });
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It is gone already.
  }
}
