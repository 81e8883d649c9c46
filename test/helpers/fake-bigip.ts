import { Duplex } from 'node:stream';
import { goOn } from './bgp-configs.ts';
import { FakeGuard } from './fake-guard.ts';
import { type Ending, type FakeMachine, Power } from './fake-host.ts';
import { imishTerminal, type TerminalHabits } from './fake-imish.ts';
import { FakeZebos, type Mode } from './fake-zebos.ts';
import type { StepWorld } from './step-laws.ts';

export interface BigipSwitches {
  readonly bgp?: boolean;
  readonly uid?: number;
  /** False where the login gets tmsh and imish, and nothing else. */
  readonly shell?: boolean;
  readonly product?: string;
  readonly version?: string;
  /** What tmsh lists of `net routing bgp`. */
  readonly tmosBgp?: string;
  readonly tmosRouting?: boolean;
  /** What it says of its place in a pair, and of how far that is in sync. */
  readonly role?: string;
  readonly sync?: string;
  /** `all`, `none`, or a list of services. */
  readonly allowService?: string | readonly string[];
  readonly selfIp?: string;
  readonly floating?: boolean;
  readonly routes?: readonly FakeRoute[];
  /** Lines of configuration mode that somebody typed before, and whether they were saved. */
  readonly zebos?: readonly string[];
  readonly saved?: boolean;
  /** False where it does not know `show bgp ipv6 summary`: the other summary names the sessions of IPv6 then. */
  readonly ipv6Summary?: boolean;
  /** How often imish says that its daemon is not running before it is. */
  readonly daemonAsks?: number;
  readonly diskFull?: boolean;
  readonly terminal?: TerminalHabits;
}

export interface FakeRoute {
  readonly name: string;
  readonly network: string;
  readonly gw?: string;
  readonly description?: string;
}

const NOT_RUNNING = '% Protocol daemon is not running';
const SAVED = '/config/zebos/rd0/ZebOS.conf';

/** A BIG-IP as strict as the facts know it: bash, tmsh, imish. */
export class FakeBigip implements FakeMachine {
  readonly name = 'bigip1';
  readonly power = new Power();
  readonly zebos = new FakeZebos();
  readonly guard = new FakeGuard({ show: () => this.zebos.show(), type: (lines) => goOn(this.zebos, lines) });
  /** Neighbors whose sessions are up, as long as they are configured. */
  readonly established = new Set<string>();
  readonly files = new Map<string, string>();
  /** Exec commands that imish was given outside of conversations. */
  readonly asked: string[] = [];
  /** Lines typed into conversations. */
  readonly typed: string[] = [];
  readonly routes: FakeRoute[];
  allowService: string | readonly string[];
  bgp: boolean;
  daemonAsks: number;
  /** Of the self-IP that nodes peer with. */
  address = '10.10.2.20';
  /** Runs before each line that a conversation is given: an operator who is quicker. */
  beforeConversation: () => void = () => {};
  readonly #switches: BigipSwitches;
  #savedObjects: string;

  constructor(switches: BigipSwitches = {}) {
    this.#switches = switches;
    this.bgp = switches.bgp ?? false;
    this.daemonAsks = switches.daemonAsks ?? 0;
    this.allowService = switches.allowService ?? ['tcp:ssh'];
    this.routes = [...(switches.routes ?? [])];
    this.operator(switches.zebos ?? []);
    if (switches.saved !== false) this.files.set(SAVED, this.zebos.show());
    this.#savedObjects = this.#objects();
  }

  /** Somebody else types lines of configuration mode. */
  operator(lines: readonly string[]): void {
    let mode: Mode = 'configure';
    for (const line of lines) {
      const reply = this.zebos.configure(line, mode);
      if (reply.say) throw new Error(`${line}: ${reply.say}`);
      mode = reply.mode ?? mode;
    }
  }

  get programs(): FakeMachine['programs'] {
    const { tmsh, env } = this.#all;
    return this.#switches.shell === false ? { tmsh, env, cat: () => ({ code: 1 }) } : this.#all;
  }

  readonly #all = {
    true: () => '',
    id: () => `${this.#switches.uid ?? 0}\n`,
    env: (args: readonly string[]): Ending =>
      args[0] === 'TERM=vt100' && args[1] === 'imish' ? this.#imish(args.slice(2)) : { code: 127 },
    sh: (args: readonly string[], stdin: string): Ending => {
      this.power.spend();
      return this.guard.sh(args, stdin);
    },
    cat: (args: readonly string[]): Ending => this.guard.cat(args) ?? { code: 1 },
    sed: (): Ending => this.#savedObjects,
    tmsh: (args: readonly string[]): Ending => this.#tmsh(args.filter((word) => word !== '-q')),
  };

  /** imish -r N -e LINE … */
  #imish(args: readonly string[]): Ending {
    const [, , flag, line, ...rest] = args;
    if (args[0] !== '-r' || flag !== '-e' || line === undefined || rest.length > 0) return { code: 1, stdout: 'usage' };
    this.asked.push(line);
    if (!this.bgp) return 'Dynamic routing is not enabled for this route domain\n';
    if (line === 'write') return this.#write();
    if (this.daemonAsks-- > 0) return `${NOT_RUNNING}\n`;
    const { ipv6Summary = true } = this.#switches;
    if (line === 'show ip bgp summary') return this.#summary((each) => !ipv6Summary || !each.includes(':'));
    if (line === 'show bgp ipv6 summary' && ipv6Summary) return this.#summary((each) => each.includes(':'));
    if (line === 'show startup-config') return this.files.get(SAVED) ?? '';
    return line === 'show running-config' ? this.zebos.show() : '% Invalid input\n';
  }

  /** An address too wide for its column has a line of its own. */
  #summary(names: (address: string) => boolean): string {
    const configured = [...this.zebos.show().matchAll(/^ neighbor (\S+) (?:remote-as|peer-group)/gm)].map(
      ([, each]) => each,
    );
    const rows = [...this.established]
      .filter((each) => configured.includes(each) && names(each))
      .map(
        (each) =>
          `${each.length > 15 ? `${each}\n${' '.repeat(15)}` : each.padEnd(15)} 4 64512      24      47        2    0    0 00:09:11        1`,
      );
    return ['Neighbor        V    AS MsgRcvd MsgSent   TblVer  InQ OutQ Up/Down  State/PfxRcd', ...rows, ''].join('\n');
  }

  /** What `save sys config` puts into its files, of what cpaas looks at there. */
  #objects(): string {
    return ['net route-domain', 'net self', 'net route'].map((kind) => this.#list(kind)).join('');
  }

  #save(): Ending {
    if (this.#switches.diskFull)
      return { code: 1, stderr: 'Error writing /config/bigip.conf: No space left on device\n' };
    this.power.spend();
    this.#savedObjects = this.#objects();
    return 'Saving running configuration...\n  /config/bigip.conf\n';
  }

  /** Somebody else changes the lockdown of the self-IP, and does not save. */
  admit(service: string): void {
    this.allowService = [...(typeof this.allowService === 'string' ? [] : this.allowService), service];
  }

  #write(): string {
    if (this.#switches.diskFull) return "% Can't open configuration file: No space left on device\n";
    this.power.spend();
    this.files.set(SAVED, this.zebos.show());
    return 'Building configuration...\n[OK]\n';
  }

  async open(argv: readonly string[]): Promise<Duplex> {
    if (argv.join(' ') !== 'env TERM=vt100 imish -r 0') throw new Error(`no such program: ${argv.join(' ')}`);
    this.beforeConversation();
    if (!this.bgp) return Duplex.from(['Dynamic routing is not enabled for this route domain\r\n']);
    return imishTerminal({ line: (line, mode) => this.#line(line, mode) }, this.#switches.terminal);
  }

  #line(line: string, mode: Mode) {
    this.typed.push(line);
    if (mode === 'exec' || mode === 'enable')
      return line === 'show running-config'
        ? { say: this.zebos.show() }
        : { say: "% Invalid input detected at '^' marker." };
    if (line !== 'end' && line !== 'exit' && this.daemonAsks-- > 0) return { say: NOT_RUNNING };
    if (!/^(end|exit|exit-address-family)$/.test(line)) this.power.spend();
    return this.zebos.configure(line, mode);
  }

  #tmsh(args: readonly string[]): Ending {
    const [verb, ...words] = args;
    const said = words.join(' ').replace(/ one-line$/, '');
    if (verb === 'list') return this.#list(said);
    if (verb === 'show' && said === 'sys version') {
      const { product = 'BIG-IP', version = '16.1.3' } = this.#switches;
      return `\nSys::Version\nMain Package\n  Product     ${product}\n  Version     ${version}\n  Build       0.0.12\n`;
    }
    const { role = 'ACTIVE', sync = 'Standalone' } = this.#switches;
    if (verb === 'show' && said === 'cm failover-status')
      return `CM::Failover Status\nColor    gray\nStatus   ${role}\n`;
    if (verb === 'show' && said === 'cm sync-status') return `CM::Sync Status\nColor    green\nStatus   ${sync}\n`;
    if (verb === 'save') return this.#save();
    this.power.spend();
    const refusal = verb === undefined ? 'nothing asked' : this.#change(`${verb} ${said}`);
    return refusal === undefined ? '' : { code: 1, stderr: `${refusal}\n` };
  }

  #list(said: string): Ending {
    const { selfIp = 'internal', floating = false, tmosRouting = false } = this.#switches;
    if (said === 'sys db tmrouted.tmos.routing value')
      return `sys db tmrouted.tmos.routing { value "${tmosRouting ? 'enable' : 'disable'}" }\n`;
    if (said === 'net routing bgp')
      return Number.parseInt(this.#switches.version ?? '16', 10) < 14
        ? { code: 1, stderr: 'Syntax Error: "bgp" unexpected argument\n' }
        : `[api-status-warning] net/routing/bgp is early_access\n${this.#switches.tmosBgp ?? ''}`;
    if (said === 'net route-domain')
      return `net route-domain 0 { id 0 ${this.bgp ? 'routing-protocol { BGP } ' : ''}vlans { http-tunnel internal } }\n`;
    if (said === 'net self') {
      const allow = typeof this.allowService === 'string' ? this.allowService : `{ ${this.allowService.join(' ')} }`;
      const group = floating ? 'traffic-group-1' : 'traffic-group-local-only';
      return [
        'net self external { address 10.1.10.20/24 allow-service none traffic-group traffic-group-local-only vlan external }',
        `net self ${selfIp} { address ${this.address}/24 allow-service ${allow} ${floating ? 'floating enabled ' : ''}traffic-group ${group} vlan internal }`,
        '',
      ].join('\n');
    }
    if (said === 'net route')
      return this.routes
        .map(({ name, network, gw, description }) => {
          const words = [
            description && `description "${description}"`,
            gw ? `gw ${gw}` : 'blackhole',
            `network ${network}`,
          ];
          return `net route ${name} { ${words.filter(Boolean).join(' ')} }\n`;
        })
        .join('');
    return { code: 1, stderr: `01020036:3: The requested object (${said}) was not found.\n` };
  }

  /** Nothing when it was done; otherwise why not. */
  #change(said: string): string | undefined {
    const protocol = /^modify net route-domain 0 routing-protocol (add|delete) \{ BGP \}$/.exec(said)?.[1];
    if (protocol) {
      if (this.bgp === (protocol === 'add')) return '01070734:3: Configuration error: nothing to change';
      this.bgp = protocol === 'add';
      return undefined;
    }
    const [, verb, services = ''] = /^modify net self internal allow-service (\S+)(?: \{ (.*) \})?$/.exec(said) ?? [];
    if (verb) return this.#lockdown(verb, services.split(' ').filter(Boolean));
    const [, name = '', network = '', gw, description] =
      /^create net route (\S+) network (\S+) gw (\S+) description (\S+)$/.exec(said) ?? [];
    if (gw !== undefined && description !== undefined) {
      if (this.routes.some((each) => each.network === network)) return '01070330:3: Static route already exists';
      this.routes.push({ name, network, gw, description });
      return undefined;
    }
    const [, act, which, to] = /^(delete|modify) net route (\S+)(?: gw (\S+))?$/.exec(said) ?? [];
    const at = this.routes.findIndex((each) => each.name === which);
    if (act === undefined) return `Syntax Error: ${said}`;
    const [old] = this.routes.splice(at, at < 0 ? 0 : 1);
    if (!old) return `01020036:3: The requested route (/Common/${which}) was not found.`;
    if (act === 'modify' && to !== undefined) this.routes.splice(at, 0, { ...old, gw: to });
    return undefined;
  }

  #lockdown(verb: string, services: readonly string[]): string | undefined {
    const { allowService: now } = this;
    const list = now === 'none' ? [] : now;
    if (verb === 'none') this.allowService = 'none';
    else if (verb === 'replace-all-with') this.allowService = services;
    else if (typeof list === 'string') return `01070734:3: Configuration error: allow-service is ${list}`;
    else if (verb === 'add') this.allowService = [...list, ...services];
    else this.allowService = list.filter((each) => !services.includes(each));
    return undefined;
  }

  /** Without our marks: a cut between a neighbor and its mark leaves one without, and then the journal tells whose it is. */
  dump(): unknown {
    const { bgp, allowService, routes } = this;
    const bare = (text: string | undefined) => text?.replaceAll(/^.* description cpaas:.*\n/gm, '');
    return structuredClone({
      bgp,
      allowService,
      routes,
      zebos: bare(this.zebos.show()),
      saved: bare(this.files.get(SAVED)),
    });
  }
}

/** A world with one unit, known as `bigip`. */
export function bigipWorld(switches: BigipSwitches = {}): StepWorld & { readonly unit: FakeBigip } {
  const unit = new FakeBigip(switches);
  return { unit, machines: { bigip: unit }, power: unit.power, dump: () => unit.dump() };
}
