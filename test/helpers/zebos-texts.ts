import fc from 'fast-check';

/** Blocks other than `router bgp`, their headers first. */
function blocks(): fc.Arbitrary<readonly (readonly string[])[]> {
  return fc.subarray([
    ['interface lo'],
    ['interface internal', ' ip ospf message-digest-key 1 md5 0x9acd', ' bfd interval 300 minrx 300 multiplier 3'],
    ['interface /Kubernetes/vnic3', ' ip ospf cost 10'],
    ['key chain LAB', ' key 1', '  key-string 0x6fab'],
    ['ip vrf blue', ' rd 64512:1', ' route-target both 64512:1'],
    ['router ospf 1', ' network 10.10.2.0/24 area 0.0.0.0', ' neighbor 10.10.2.77'],
    ['route-map VIPS permit 10', ' match ip address prefix-list /Common/vips', ' set community 64512:100 no-export'],
    ['route-map VIPS deny 20'],
    ['router bgp 64512 view red', ' neighbor 172.19.0.2 remote-as 65044'],
  ]);
}

/** A block stands in a configuration once. */
const renamed = ([header = '', ...lines]: readonly string[]): readonly string[] => [
  header.startsWith('router bgp ') ? header.replace('red', 'green') : `${header.replace(/ (permit|deny) /, 'X $1 ')}9`,
  ...lines,
];

const PEERS = ['10.1.1.1', '10.1.1.10', '192.0.2.255', '2001:db8::1', 'fe80::1'] as const;
const GROUPS = ['CARRIERS', 'calico-k3s', 'spines.dc_1', '/Common/peers'] as const;

/** Words that others write down, as ZebOS keeps them: it takes whatever is printed, and ends lines with none of it. */
const description = fc.oneof(
  fc.constantFrom(
    'cpaas:another',
    'cpaas:lab10',
    '! not a comment',
    'neighbor 10.1.1.1 remote-as 99',
    'router bgp 1',
    'exit-address-family',
    'end',
    '"quoted" & with  two spaces ~ (ticket #4711)',
    'bigip1[0]>',
    'Zürich 東京 —',
    '--More--',
  ),
  fc
    .string({ unit: fc.constantFrom(...'abcXYZ 019.:-_/!#$%&()*+,;<=>?@[]^{|}~'), minLength: 1, maxLength: 40 })
    .map((text) => text.trim() || 'x'),
);

const attributes = (who: string): fc.Arbitrary<readonly string[]> =>
  fc
    .tuple(
      fc.subarray([
        `neighbor ${who} update-source internal`,
        `neighbor ${who} ebgp-multihop 255`,
        `neighbor ${who} ttl-security hops 1`,
        `no neighbor ${who} capability graceful-restart`,
        `no neighbor ${who} capability route-refresh`,
        `neighbor ${who} timers 3 9`,
        `neighbor ${who} timers connect 7`,
        `neighbor ${who} advertisement-interval 5`,
        `neighbor ${who} fall-over bfd multihop`,
        `neighbor ${who} shutdown`,
        `neighbor ${who} maximum-prefix 12000 90 warning-only`,
        `neighbor ${who} soft-reconfiguration inbound`,
        `neighbor ${who} next-hop-self`,
        `neighbor ${who} as-override`,
        `neighbor ${who} default-originate route-map VIPS`,
        `neighbor ${who} prefix-list /Common/vips in`,
        `neighbor ${who} route-map VIPS out`,
        `neighbor ${who} filter-list 10 in`,
        `neighbor ${who} send-community both`,
        `no neighbor ${who} activate`,
      ]),
      fc.option(description),
      fc.option(fc.constantFrom('plain!word', '7 0x3a7f2bd1c0ffee', '8 "0xdead beef"', '****')),
    )
    .map(([lines, words, password]) => [
      ...(words === null ? [] : [`neighbor ${who} description ${words}`]),
      ...(password === null ? [] : [`neighbor ${who} password ${password}`]),
      ...lines,
    ]);

const inFamily = (who: string): fc.Arbitrary<readonly string[]> =>
  fc.subarray([
    `neighbor ${who} activate`,
    `no neighbor ${who} capability graceful-restart`,
    `neighbor ${who} maximum-prefix 100`,
    `neighbor ${who} prefix-list SIX in`,
    `neighbor ${who} route-map VIPS out`,
    `neighbor ${who} send-community extended`,
  ]);

function router(): fc.Arbitrary<readonly string[]> {
  const settings = fc.subarray([
    'bgp router-id 192.0.2.1',
    'bgp always-compare-med',
    'no bgp default ipv4-unicast',
    'max-paths ebgp 8',
    'bgp log-neighbor-changes',
    'bgp graceful-restart restart-time 240',
    'bgp graceful-restart stalepath-time 60',
    'bgp graceful-restart graceful-reset',
    'bgp confederation peers 65012 65013',
    'bgp dampening 15 750 2000 60',
    'network 203.0.113.0/24 route-map VIPS',
    'aggregate-address 10.100.0.0/16 summary-only',
    'redistribute kernel route-map VIPS',
    'redistribute connected',
    'distance bgp 20 200 200',
    'timers bgp 10 30',
  ]);
  return fc
    .record({
      as: fc.constantFrom('64512', '65000', '4200000010', '1.10'),
      settings,
      groups: fc.subarray([...GROUPS], { maxLength: 2 }),
      peers: fc.subarray([...PEERS]),
      families: fc.subarray(['ipv6', 'ipv4 multicast', 'vpnv4 unicast', 'ipv4 vrf blue']),
    })
    .chain(({ as, settings: own, groups, peers, families }) => {
      const joined = (each: string, at: number): string => {
        const group = groups[at];
        return group === undefined || each.includes(':')
          ? `neighbor ${each} remote-as 6490${at}`
          : `neighbor ${each} peer-group ${group}`;
      };
      const each = [
        ...groups.map((group) =>
          attributes(group).map((lines) => [
            `neighbor ${group} peer-group`,
            `neighbor ${group} remote-as 64900`,
            ...lines,
          ]),
        ),
        ...peers.map((peer, at) => attributes(peer).map((lines) => [joined(peer, at), ...lines])),
      ];
      const inside = families.map((family) => {
        // a VRF has neighbors of its own, with whatever addresses
        const whose = family.includes('vrf')
          ? fc.constant(['neighbor 172.19.0.2 remote-as 65033', 'neighbor 172.19.0.2 activate'])
          : fc.tuple(...peers.map(inFamily)).map((all) => all.flat());
        return whose.map((lines) => ['!', `address-family ${family}`, ...lines, 'exit-address-family']);
      });
      return fc
        .tuple(fc.tuple(...each), fc.tuple(...inside))
        .map(([subjects, family]) => [
          `router bgp ${as}`,
          ...[...own, ...subjects.flat(), ...family.flat()].map((line) => ` ${line}`),
        ]);
    });
}

/**
 * Running configurations of ZebOS as units have them, made of all that public ones hold: what cpaas understands, what it does not, and
 * text that reads like another line. Their neighbors and lists are nobody's of the cluster that tests put beside them.
 */
export const zebosText: fc.Arbitrary<string> = fc
  .record({
    encryption: fc.constantFrom('service password-encryption', 'no service password-encryption'),
    globals: fc.subarray([
      'log syslog',
      'log file /var/log/zebos/rd0/zebos.log',
      'no banner motd',
      'bgp extended-asn-cap',
      'bgp extended-asn-cap ',
      'bfd gtsm enable',
      'enable password 8 0xdeadbeef',
      'ip community-list standard BLACKHOLE permit 65535:666',
      'ip community-list expanded CARRIER permit ^64900:[0-9]+$',
      'ip as-path access-list 10 deny _64[0-9]{3}_',
      'ip as-path access-list own permit ^$',
      'access-list MGMT permit 10.0.0.0/8',
      'access-list 99 permit any',
    ]),
    before: blocks(),
    router: fc.option(router(), { freq: 8 }),
    lists: fc.subarray([
      'ip route 0.0.0.0/0 10.255.10.1',
      'ip prefix-list /Common/vips seq 10 permit 10.0.0.0/8 ge 16',
      'ip prefix-list EDGE seq 5 deny 0.0.0.0/0',
      'ip prefix-list EDGE seq 10 permit 0.0.0.0/0 le 32',
      'ip prefix-list cpaas-lab1-pods-of-another seq 5 permit 10.0.0.0/8',
      'ipv6 prefix-list SIX seq 5 permit 2001:db8:1::/48 ge 112 le 128',
      'ipv6 prefix-list SIX seq 10 deny any',
    ]),
    after: blocks(),
  })
  .map(({ encryption, globals, before, router: bgp, lists, after }) => {
    const sections = [
      [encryption],
      ...globals.map((line) => [line]),
      ...before,
      ...(bgp === null ? [] : [bgp]),
      ...(lists.length > 0 ? [lists] : []),
      ...after.map(renamed),
      ['line con 0', ' login', 'line vty 0 39', ' login'],
    ];
    return `!\n${sections.map((lines) => `${lines.join('\n')}\n!\n`).join('')}end\n\n`;
  });
