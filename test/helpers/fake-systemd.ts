import { type FakeMachine, Power } from './fake-host.ts';

const FOLDER = '/etc/systemd/system/';

/** Units of a host and systemd over them, as strict as the real one: it knows a unit only as it was when it last read them. */
export class FakeSystemd {
  readonly power = new Power();
  readonly files: Map<string, string>;
  /** Texts as they were at the last daemon-reload. */
  #loaded: Map<string, string>;
  readonly #enabled = new Set<string>();
  readonly #active = new Map<string, string>();
  readonly #booted: boolean;

  constructor(files: Readonly<Record<string, string>>, { booted = true }: { readonly booted?: boolean } = {}) {
    this.files = new Map(Object.entries(files));
    this.#loaded = new Map(this.files);
    this.#booted = booted;
  }

  get machine(): FakeMachine {
    return { name: 'vm', files: this.files, programs: this.#programs };
  }

  dump(): unknown {
    return {
      files: [...this.files].toSorted(),
      enabled: [...this.#enabled].toSorted(),
      active: [...this.#active].toSorted(),
    };
  }

  readonly #programs: FakeMachine['programs'] = {
    test: ([flag, path = '']) => {
      const there = flag === '-d' ? this.#booted && path === '/run/systemd/system' : this.files.has(path);
      return { code: there ? 0 : 1 };
    },
    cat: ([path = '']) => this.files.get(path) ?? { code: 1, stderr: `cat: ${path}: No such file or directory\n` },
    rm: ([flag, ...paths]) => {
      if (flag !== '-f') return { code: 1 };
      for (const path of paths) {
        this.power.spend();
        this.files.delete(path);
      }
      return '';
    },
    systemctl: (args) => {
      if (!this.#booted) return { code: 127, stderr: 'systemctl: command not found\n' };
      return this.#systemctl(args);
    },
  };

  #systemctl([verb = '', ...words]: readonly string[]) {
    const unit = words.at(-1) ?? '';
    const now = words.includes('--now');
    if (verb === 'is-enabled') {
      if (!this.files.has(FOLDER + unit))
        return { code: 1, stderr: `Failed to get unit file state for ${unit}: No such file or directory\n` };
      return { code: this.#enabled.has(unit) ? 0 : 1, stdout: `${this.#enabled.has(unit) ? 'enabled' : 'disabled'}\n` };
    }
    if (verb === 'is-active')
      return { code: this.#active.has(unit) ? 0 : 3, stdout: `${this.#active.has(unit) ? 'active' : 'inactive'}\n` };
    if (verb === 'daemon-reload') {
      this.power.spend();
      this.#loaded = new Map(this.files);
      return '';
    }
    if (!this.files.has(FOLDER + unit))
      return { code: 1, stderr: `Failed to ${verb} unit: Unit file ${unit} does not exist.\n` };
    const text = this.#loaded.get(FOLDER + unit);
    if (verb === 'enable' && text === undefined) return { code: 1, stderr: `Unit ${unit} not found.\n` };
    this.power.spend();
    if (verb === 'enable') this.#enabled.add(unit);
    if (verb === 'disable') this.#enabled.delete(unit);
    this.power.check();
    if (verb === 'stop' || (verb === 'disable' && now)) this.#active.delete(unit);
    // one that runs goes on with what it was started with
    if (verb === 'enable' && now && !this.#active.has(unit)) this.#active.set(unit, text ?? '');
    return '';
  }
}
