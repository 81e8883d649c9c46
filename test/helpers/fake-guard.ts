import { ARM, CONFIRM, FIRE, folderOf } from '../../src/routers/bigip/change/guard.ts';
import type { Ending } from './fake-host.ts';

/** What the guard of a unit looks at and types into. */
export interface Guarded {
  show(): string;
  /** Goes on after whatever is refused. */
  type(lines: readonly string[]): void;
}

interface Standing {
  readonly holder: string;
  readonly before: string;
  readonly undo: readonly string[];
  readonly until: number;
}

/** The revert of a route domain, as the scripts of `guard.ts` keep it, with a clock that only the test moves. */
export class FakeGuard {
  readonly #unit: Guarded;
  #now = 0;
  #standing: Standing | undefined;
  /** Whether the process that waits still lives. */
  #waits = false;

  constructor(unit: Guarded) {
    this.#unit = unit;
  }

  get armed(): boolean {
    return this.#standing !== undefined;
  }

  /** Time goes by on the unit. */
  pass(seconds: number): void {
    this.#now += seconds;
    if (this.#waits && this.#standing && this.#now >= this.#standing.until) this.#revert(this.#standing);
  }

  /** The unit restarts: whoever waited there is gone, its folder is not. */
  kill(): void {
    this.#waits = false;
  }

  /** Somebody else on another machine holds the unit, or one that has died since. */
  holdBy(holder: object, undo: readonly string[] = []): void {
    this.#stand({ holder: JSON.stringify(holder), before: this.#unit.show(), undo, until: this.#now + 120 });
  }

  sh([flag, script, , folder = '', ...args]: readonly string[], stdin: string): Ending {
    if (flag !== '-c' || folder !== folderOf(0)) return { code: 2 };
    if (script === ARM) return this.#arm(args, stdin);
    if (script === CONFIRM) return this.#confirm(args);
    return script === FIRE ? this.#fire(args) : { code: 2 };
  }

  cat(paths: readonly string[]): Ending | undefined {
    if (!paths.every((path) => path.startsWith(folderOf(0)) || path.startsWith('/proc/'))) return undefined;
    const texts = paths.map((path) => this.#file(path));
    return texts.includes(undefined) ? { code: 1 } : texts.join('');
  }

  #file(path: string): string | undefined {
    if (path === '/proc/4711/cmdline') return this.#waits ? 'sh\0guard\0' : undefined;
    if (!this.#standing) return undefined;
    const { holder, before } = this.#standing;
    return { holder: `${holder}\n`, before, pid: '4711\n' }[path.slice(folderOf(0).length + 1)];
  }

  #stand(standing: Standing): void {
    this.#standing = standing;
    this.#waits = true;
  }

  #arm([, seconds, size, holder = '']: readonly string[], stdin: string): Ending {
    if (this.#standing) return { code: 3 };
    if (Buffer.byteLength(stdin) !== Number(size)) return { code: 1 };
    const before = this.#unit.show();
    this.#stand({ holder, before, undo: stdin.split('\n').filter(Boolean), until: this.#now + Number(seconds) });
    return before;
  }

  #confirm([token = '']: readonly string[]): Ending {
    if (!this.#standing?.holder.includes(token)) return { code: 3 };
    this.#standing = undefined;
    return '';
  }

  #fire([token = '']: readonly string[]): Ending {
    if (!this.#standing?.holder.includes(token)) return 'gone\n';
    return this.#revert(this.#standing);
  }

  #revert({ before, undo }: Standing): string {
    // the last character of each line is lost, as on some releases
    if (this.#unit.show() !== before) this.#unit.type(undo.map((line) => line.slice(0, -1)));
    this.#standing = undefined;
    return this.#unit.show() === before ? 'reverted\n' : 'differs\n';
  }
}
