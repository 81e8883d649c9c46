/** What one line does: the answer that is printed, nothing where none is due, and the mode it leads to. */
interface Reply {
  readonly say?: string;
  readonly mode?: Mode;
}
export type Mode = 'exec' | 'enable' | 'configure' | 'router' | 'family';

interface Peer {
  remoteAs?: string;
  group?: string;
  readonly attributes: string[];
}

const INVALID = "          ^\n% Invalid input detected at '^' marker.";
const UNSPECIFIED = '% Specify remote-as or peer-group commands first';
const OVERRIDE = '% Peer-group member cannot override remote-as of peer-group.';
const isAddress = (name: string): boolean => /^[\d.]+$|:/.test(name);

/** The routing configuration of a route domain, as strict as the facts say of ZebOS and of its relatives. */
export class FakeZebos {
  readonly globals: string[] = [];
  asNumber: string | undefined;
  /** A line that is taken without a word, and does nothing. */
  deaf: string | undefined;
  /** How lines begin that are refused. */
  refuses: string | undefined;
  #settings: string[] = [];
  #groups = new Map<string, Peer>();
  #neighbors = new Map<string, Peer>();
  #family: string[] = [];
  #lists: string[] = [];

  /** A line of configuration mode. */
  configure(line: string, mode: Mode): Reply {
    if (line === this.deaf) return {};
    if (this.refuses !== undefined && line.startsWith(this.refuses)) return { say: INVALID };
    if (line === 'end') return { mode: 'enable' };
    if (line === 'exit') return { mode: mode === 'configure' ? 'enable' : 'configure' };
    if (mode === 'family') return this.#inFamily(line);
    if (mode === 'router' && line === 'address-family ipv6') return { mode: 'family' };
    if (mode === 'router') return this.#inRouter(line);
    return this.#outside(line);
  }

  #outside(line: string): Reply {
    const [, no, as] = /^(no )?router bgp (\d+)$/.exec(line) ?? [];
    if (as !== undefined && no) {
      if (this.asNumber !== as) return { say: '% No such BGP process' };
      this.asNumber = undefined;
      this.#settings = [];
      this.#groups.clear();
      this.#neighbors.clear();
      this.#family = [];
      return {};
    }
    if (as !== undefined) {
      if (this.asNumber !== undefined && this.asNumber !== as)
        return { say: `BGP is already running; AS is ${this.asNumber}` };
      this.asNumber = as;
      return { mode: 'router' };
    }
    if (/^(no )?ip(v6)? prefix-list \S+ seq \d+ (permit|deny) \S+( ge \d+)?( le \d+)?$/.test(line))
      return toggled(this.#lists, line);
    return /^(no )?bgp extended-asn-cap$/.test(line) ? toggled(this.globals, line) : { say: INVALID };
  }

  #inRouter(line: string): Reply {
    if (
      /^(no )?(bgp (router-id|log-neighbor-changes|graceful-restart \S+)|timers bgp|redistribute|network)\b/.test(line)
    )
      return toggled(this.#settings, line);
    const [, no, name = '', attribute = '', value = ''] = /^(no )?neighbor (\S+) (\S+) ?(.*)$/.exec(line) ?? [];
    if (attribute === '') return { say: INVALID };
    if (attribute === 'peer-group' && !isAddress(name)) return no ? this.#dropGroup(name) : this.#addGroup(name);
    if (attribute === 'peer-group') return no ? this.#leave(name, value) : this.#join(name, value);
    if (attribute === 'remote-as') return no ? this.#dropAs(name, value) : this.#setAs(name, value);
    const peer = this.#groups.get(name) ?? this.#neighbors.get(name);
    if (!peer) return { say: UNSPECIFIED };
    if (peer.group !== undefined && /^prefix-list \S+ out$/.test(`${attribute} ${value}`))
      return { say: '% Invalid command for a peer-group member' };
    if (attribute === 'activate') return switched(peer.attributes, no === undefined);
    const known =
      /^(description|update-source|ebgp-multihop|password|timers|maximum-prefix|soft-reconfiguration|route-map|prefix-list)$/;
    if (!known.test(attribute)) return { say: INVALID };
    return toggled(peer.attributes, `${no ?? ''}${attribute}${value && ` ${value}`}`);
  }

  #addGroup(name: string): Reply {
    if (!this.#groups.has(name)) this.#groups.set(name, { attributes: [] });
    return {};
  }

  /** Its members go with it, without a word. */
  #dropGroup(name: string): Reply {
    if (!this.#groups.delete(name)) return { say: '% Configure the peer-group first' };
    this.#dropMembers(name);
    return {};
  }

  #dropMembers(name: string): void {
    for (const [address, { group }] of this.#neighbors) if (group === name) this.#drop(address);
  }

  #drop(address: string): void {
    this.#neighbors.delete(address);
    this.#family = this.#family.filter((line) => !line.startsWith(`neighbor ${address} `));
  }

  #join(address: string, name: string): Reply {
    const group = this.#groups.get(name);
    if (!group) return { say: '% Configure the peer-group first' };
    const peer = this.#neighbors.get(address) ?? { attributes: [] };
    if (peer.group !== undefined && peer.group !== name)
      return { say: '% Cannot change peer-group. Deconfigure first' };
    if (peer.remoteAs !== undefined && group.remoteAs !== undefined) return { say: OVERRIDE };
    if (peer.remoteAs === undefined && group.remoteAs === undefined) return { say: UNSPECIFIED };
    peer.group = name;
    this.#neighbors.set(address, peer);
    return {};
  }

  #leave(address: string, name: string): Reply {
    const peer = this.#neighbors.get(address);
    if (peer?.group === undefined || (name !== '' && peer.group !== name)) return { say: UNSPECIFIED };
    delete peer.group;
    if (peer.remoteAs === undefined) this.#drop(address);
    return {};
  }

  #setAs(name: string, as: string): Reply {
    if (!/^\d+$/.test(as)) return { say: INVALID };
    const group = this.#groups.get(name);
    if (group) group.remoteAs = as;
    else if (!isAddress(name)) return { say: '% Create the peer-group first' };
    else {
      const peer = this.#neighbors.get(name) ?? { attributes: [] };
      if (peer.group !== undefined && this.#groups.get(peer.group)?.remoteAs !== undefined) return { say: OVERRIDE };
      peer.remoteAs = as;
      this.#neighbors.set(name, peer);
    }
    return {};
  }

  #dropAs(name: string, as: string): Reply {
    const group = this.#groups.get(name);
    const peer = group ?? this.#neighbors.get(name);
    if (peer?.remoteAs === undefined || (as !== '' && peer.remoteAs !== as)) return { say: UNSPECIFIED };
    delete peer.remoteAs;
    if (group) this.#dropMembers(name);
    else this.#drop(name);
    return {};
  }

  #inFamily(line: string): Reply {
    if (line === 'exit-address-family') return { mode: 'router' };
    const known = /^(?:no )?neighbor (\S+) (activate|maximum-prefix|soft-reconfiguration|prefix-list)\b/.exec(line);
    if (!known) return { say: INVALID };
    return this.#neighbors.has(known[1] ?? '') ? toggled(this.#family, line) : { say: UNSPECIFIED };
  }

  /** As they were typed; `show` has none. */
  passwords(): readonly string[] {
    const all = [...this.#groups.values(), ...this.#neighbors.values()].flatMap(({ attributes }) => attributes);
    return all.filter((each) => each.startsWith('password ')).map((each) => each.slice('password '.length));
  }

  show(): string {
    const peer = (name: string, { remoteAs, group, attributes }: Peer): readonly string[] => [
      ...(isAddress(name) ? [] : [` neighbor ${name} peer-group`]),
      ...(remoteAs === undefined ? [] : [` neighbor ${name} remote-as ${remoteAs}`]),
      ...(group === undefined ? [] : [` neighbor ${name} peer-group ${group}`]),
      ...attributes.map((each) =>
        each === INACTIVE
          ? ` no neighbor ${name} activate`
          : ` neighbor ${name} ${each.replace(/^password .*/, 'password ****')}`,
      ),
    ];
    const sorted = (map: ReadonlyMap<string, Peer>) => [...map].sort(([one], [other]) => one.localeCompare(other));
    const router = [
      `router bgp ${this.asNumber}`,
      ...this.#settings.toSorted().map((line) => ` ${line}`),
      ...[...sorted(this.#groups), ...sorted(this.#neighbors)].flatMap(([name, each]) => peer(name, each)),
      ...(this.#family.length === 0
        ? []
        : [' !', ' address-family ipv6', ...this.#family.map((line) => ` ${line}`), ' exit-address-family']),
      '!',
    ];
    return [
      ...['!', 'no service password-encryption', '!'],
      ...this.globals.flatMap((line) => [line, '!']),
      ...(this.asNumber === undefined ? [] : router),
      ...(this.#lists.length === 0 ? [] : [...this.#lists.toSorted(), '!']),
      ...['line con 0', ' login', 'line vty 0 39', ' login', '!', 'end', '', ''],
    ].join('\n');
  }
}

/** A line that stands or does not; one about the same thing takes its place. */
function toggled(lines: string[], line: string): Reply {
  const plain = line.replace(/^no /, '');
  const at = lines.findIndex((each) => about(each) === about(plain));
  if (at >= 0) lines.splice(at, 1);
  else if (line !== plain) return { say: "% Can't find it" };
  if (line === plain) lines.push(line);
  return {};
}

/** What a line is about, without its value. */
function about(line: string): string {
  const [, neighbor = '', rest = line] = /^(neighbor \S+ )(.*)$/.exec(line) ?? [];
  const list = /^(prefix-list|route-map) \S+ (in|out)$/.exec(rest);
  if (list) return `${neighbor}${list[1]} ${list[2]}`;
  const known =
    /^(bgp router-id|bgp graceful-restart \S+|bgp \S+|timers bgp|timers connect|ip(v6)? prefix-list \S+ seq \d+|(redistribute|network) \S+|\S+)/;
  return neighbor + known.exec(rest)?.[1];
}

const INACTIVE = 'inactive';

/** On unless switched off. */
function switched(attributes: string[], on: boolean): Reply {
  const at = attributes.indexOf(INACTIVE);
  if (at >= 0) attributes.splice(at, 1);
  if (!on) attributes.push(INACTIVE);
  return {};
}
