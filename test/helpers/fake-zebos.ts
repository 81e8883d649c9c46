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
  #settings: string[] = [];
  #groups = new Map<string, Peer>();
  #neighbors = new Map<string, Peer>();
  #family: string[] = [];

  /** A line of configuration mode. */
  configure(line: string, mode: Mode): Reply {
    if (line === this.deaf) return {};
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
    if (
      !/^(description|update-source|ebgp-multihop|timers|maximum-prefix|soft-reconfiguration|route-map|prefix-list)$/.test(
        attribute,
      )
    )
      return { say: INVALID };
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
    for (const [address, { group }] of this.#neighbors) if (group === name) this.#neighbors.delete(address);
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
    if (peer.remoteAs === undefined) this.#neighbors.delete(address);
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
    else this.#neighbors.delete(name);
    return {};
  }

  #inFamily(line: string): Reply {
    if (line === 'exit-address-family') return { mode: 'router' };
    return /^(no )?neighbor \S+ activate$/.test(line) ? toggled(this.#family, line) : { say: INVALID };
  }

  show(): string {
    const peer = (name: string, { remoteAs, group, attributes }: Peer): readonly string[] => [
      ...(isAddress(name) ? [] : [` neighbor ${name} peer-group`]),
      ...(remoteAs === undefined ? [] : [` neighbor ${name} remote-as ${remoteAs}`]),
      ...(group === undefined ? [] : [` neighbor ${name} peer-group ${group}`]),
      ...attributes.map((each) => ` neighbor ${name} ${each}`),
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
      ...['line con 0', ' login', 'line vty 0 39', ' login', '!', 'end', '', ''],
    ].join('\n');
  }
}

/** A line that stands or does not; one of the same first words takes its place. */
function toggled(lines: string[], line: string): Reply {
  const plain = line.replace(/^no /, '');
  const head = plain
    .split(' ')
    .slice(0, /^(bgp|redistribute|network|neighbor|prefix-list)/.test(plain) ? 3 : 1)
    .join(' ');
  const stem = /^(bgp router-id|timers bgp)/.exec(plain)?.[0] ?? head;
  const at = lines.findIndex((each) => each === plain || each.startsWith(`${stem} `) || each === stem);
  if (at >= 0) lines.splice(at, 1);
  else if (line !== plain) return { say: "% Can't find it" };
  if (line === plain) lines.push(line);
  return {};
}
