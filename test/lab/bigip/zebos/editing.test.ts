import { describe, expect, test } from 'vitest';
import { type Context, EMPTY, type ZebosConfig } from '../../../../src/lab/bigip/zebos/config.ts';
import { edit, load } from '../../../../src/lab/bigip/zebos/editing.ts';
import { runningRouter } from '../../../../src/lab/bigip/zebos/running-config.ts';

const ROUTER: Context = { at: 'router' };
const GROUP = ['router bgp 64512', 'neighbor g peer-group', 'neighbor g remote-as 64512'];

/** What one more line does to a configuration, inside `router bgp` where there is one. */
function entered(lines: readonly string[], line: string, context: Context = ROUTER) {
  return edit({ config: load(lines), context }, line);
}
const shown = (config: ZebosConfig) =>
  runningRouter(config)
    .split('\n')
    .slice(2, -2)
    .map((line) => line.trim());

describe('things must be there before others speak of them', () => {
  test.each([
    [
      'a member before its group',
      ['router bgp 1'],
      'neighbor 10.0.0.2 peer-group g',
      '% Configure the peer-group first',
    ],
    [
      'an attribute before the neighbor',
      GROUP,
      'neighbor 10.0.0.2 description x',
      '% Specify remote-as or peer-group commands first',
    ],
    ['an AS number before the group', ['router bgp 1'], 'neighbor g remote-as 1', '% Create the peer-group first'],
    [
      'a member without any AS number',
      ['router bgp 1', 'neighbor g peer-group'],
      'neighbor 10.0.0.2 peer-group g',
      '% Specify remote-as or peer-group remote AS first',
    ],
    [
      "a member's own AS number beside its group's",
      [...GROUP, 'neighbor 10.0.0.2 peer-group g'],
      'neighbor 10.0.0.2 remote-as 5',
      '% Peer-group AS 64512. Cannot configure remote-as for member',
    ],
    [
      'an outbound attribute of a member',
      [...GROUP, 'neighbor 10.0.0.2 peer-group g'],
      'neighbor 10.0.0.2 prefix-list P out',
      '% Invalid command for a peer-group member',
    ],
    [
      'the end of what is not there',
      ['router bgp 1'],
      'no neighbor 10.0.0.2',
      '% Specify remote-as or peer-group commands first',
    ],
  ])('%s is refused and changes nothing', (_what, lines, line, said) => {
    const before = load(lines);
    const { config, said: answer, frr } = edit({ config: before, context: ROUTER }, line);
    expect({ config, answer, frr }).toEqual({ config: before, answer: said, frr: [] });
  });
});

test('another AS number is refused without a percent sign and leaves the session in (config)#', () => {
  const edited = entered(['router bgp 64512'], 'router bgp 65001', { at: 'config' });
  expect(edited).toMatchObject({ said: 'BGP is already running; AS is 64512', context: { at: 'config' } });
});

test.each([
  ['neighbor 10.0.0.2 bogus', 18],
  ['  frobnicate', 2],
  ['neighbor 10.0.0.2 remote-as 99999999999', 28],
])('invented syntax is refused where it begins: %s', (line, column) => {
  expect(entered(GROUP, line)).toMatchObject({ said: "% Invalid input detected at '^' marker.", invalidAt: column });
});

test('keywords may be shortened as long as one is meant', () => {
  expect(shown(entered(GROUP, 'nei 10.0.0.2 peer g').config)).toContain('neighbor 10.0.0.2 peer-group g');
  expect(entered(GROUP, 'neighbor g p').said).toMatch(/^% Ambiguous command/);
  expect(entered(GROUP, 'neighbor g').said).toBe('% Incomplete command.');
});

test('a line replaces the one that differs only in its value', () => {
  const lines = [...GROUP, 'neighbor g timers 10 30'];
  expect(shown(entered(lines, 'neighbor g timers 3 9').config)).toEqual([
    'neighbor g peer-group',
    'neighbor g remote-as 64512',
    'neighbor g timers 3 9',
  ]);
});

describe('what goes along', () => {
  const members = [
    ...GROUP,
    'neighbor 10.0.0.2 peer-group g',
    'neighbor 10.0.0.3 peer-group g',
    'neighbor 10.0.0.3 description x',
  ];

  test('a group takes its members with it', () => {
    expect(shown(entered(members, 'no neighbor g peer-group').config)).toEqual([]);
  });

  test("without the group's AS number the members are gone, silently", () => {
    const { config, said } = entered(members, 'no neighbor g remote-as 64512');
    expect(said).toBeUndefined();
    expect(shown(config)).toEqual(['neighbor g peer-group']);
  });

  test('a member that leaves the group it has its AS number from is gone', () => {
    expect(shown(entered(members, 'no neighbor 10.0.0.3 peer-group g').config)).toEqual([
      'neighbor g peer-group',
      'neighbor g remote-as 64512',
      'neighbor 10.0.0.2 peer-group g',
    ]);
  });

  test('one with an AS number of its own stays', () => {
    const lines = [
      'router bgp 1',
      'neighbor g peer-group',
      'neighbor 10.0.0.2 remote-as 5',
      'neighbor 10.0.0.2 peer-group g',
    ];
    expect(shown(entered(lines, 'no neighbor 10.0.0.2 peer-group g').config)).toContain(
      'neighbor 10.0.0.2 remote-as 5',
    );
  });
});

test('what is on by default is kept as its no line', () => {
  const off = entered([...GROUP], 'no neighbor g capability route-refresh').config;
  expect(shown(off)).toContain('no neighbor g capability route-refresh');
  expect(shown(edit({ config: off, context: ROUTER }, 'neighbor g capability route-refresh').config)).not.toContain(
    'no neighbor g capability route-refresh',
  );
});

test('a command of the top level leaves router bgp', () => {
  const edited = entered(GROUP, 'ip prefix-list P seq 5 permit 10.0.0.0/8 le 32');
  expect(edited.context).toEqual({ at: 'config' });
  expect(edited.config.lists.map((line) => line.text)).toEqual(['ip prefix-list P seq 5 permit 10.0.0.0/8 le 32']);
});

describe('prefix-lists', () => {
  const listed = (...lines: readonly string[]) =>
    load(lines).lists.map((line) => line.text.replace('ip prefix-list ', ''));

  test('an entry without a number gets the next one, an entry that is there none', () => {
    expect(
      listed(
        'ip prefix-list P permit 10.53.0.0/16 ge 26 le 32',
        'ip prefix-list P seq 12 deny 10.0.0.0/8',
        'ip prefix-list P permit 10.54.0.0/16',
        'ip prefix-list P permit 10.54.0.0/16',
        'ip prefix-list Q deny 0.0.0.0/0 le 32',
      ),
    ).toEqual([
      'P seq 5 permit 10.53.0.0/16 ge 26 le 32',
      'P seq 12 deny 10.0.0.0/8',
      'P seq 15 permit 10.54.0.0/16',
      'Q seq 5 deny 0.0.0.0/0 le 32',
    ]);
  });

  test('entries stand by their numbers, without host bits, one for a number', () => {
    expect(
      listed(
        'ip prefix-list P seq 10 permit 10.53.9.9/16',
        'ip prefix-list P seq 5 deny 10.1.0.0/16',
        'ip prefix-list P seq 5 permit 10.2.0.0/16',
      ),
    ).toEqual(['P seq 5 permit 10.2.0.0/16', 'P seq 10 permit 10.53.0.0/16']);
  });

  const three = [
    'ip prefix-list P permit 10.1.0.0/16',
    'ip prefix-list P permit 10.2.0.0/16',
    'ip prefix-list PQ permit 10.3.0.0/16',
  ];
  test.each([
    ['no ip prefix-list P', ['PQ seq 5 permit 10.3.0.0/16']],
    ['no ip prefix-list P seq 5', ['P seq 10 permit 10.2.0.0/16', 'PQ seq 5 permit 10.3.0.0/16']],
    ['no ip prefix-list P permit 10.2.0.0/16', ['P seq 5 permit 10.1.0.0/16', 'PQ seq 5 permit 10.3.0.0/16']],
  ])('%s takes what it names', (line, left) => {
    expect(listed(...three, line)).toEqual(left);
  });

  test.each([
    ['ip prefix-list P permit 10.0.0.0/16 ge 8', /^% Invalid prefix range/],
    ['ip prefix-list P permit 10.0.0.0/16 ge 30 le 26', /^% Invalid prefix range/],
    ['ip prefix-list P permit 10.0.0.0/99', /^% Invalid input/],
    ['no ip prefix-list NOPE', /^% Can't find/],
  ])('%s is refused', (line, said) => {
    expect(edit({ config: EMPTY, context: { at: 'config' } }, line)).toMatchObject({
      said: expect.stringMatching(said),
      config: EMPTY,
    });
  });
});

test('an IPv6 neighbor is one however it is spelled', () => {
  const lines = ['router bgp 1', 'neighbor 2001:DB8:0:0::1 remote-as 1', 'address-family ipv6'];
  const { config } = entered(lines, 'neighbor 2001:db8::1 activate', { at: 'family' });
  expect(shown(config)).toEqual([
    'neighbor 2001:db8::1 remote-as 1',
    '!',
    'address-family ipv6',
    'neighbor 2001:db8::1 activate',
    'exit-address-family',
  ]);
  expect(shown(edit({ config, context: ROUTER }, 'no neighbor 2001:0db8::0001').config)).not.toContain('2001');
});

test.each([
  ['neighbor g ebgp-multihop', 'neighbor g ebgp-multihop 255'],
  ['neighbor g maximum-prefix 100 80 warning-only', 'neighbor g maximum-prefix 100 80 warning-only'],
  ['neighbor g maximum-prefix 100 warning-only', 'neighbor g maximum-prefix 100 warning-only'],
  ['neighbor g soft-reconfiguration inbound', 'neighbor g soft-reconfiguration inbound'],
  ['neighbor g update-source internal', 'neighbor g update-source internal'],
  ['timers bgp 10 30', 'timers bgp 10 30'],
  ['bgp router-id 10.0.0.1', 'bgp router-id 10.0.0.1'],
  ['bgp graceful-restart', 'bgp graceful-restart restart-time 120'],
  ['no bgp default ipv4-unicast', 'no bgp default ipv4-unicast'],
])('%s is kept as %s, and taken back without its value', (line, kept) => {
  const { config } = entered(GROUP, line);
  expect(shown(config)).toContain(kept);
  const back = line.startsWith('no ')
    ? line.slice(3)
    : `no ${kept.replace(/ (?:255|100.*|internal|[\d ]+|10\..*)$/, '')}`;
  expect(shown(edit({ config, context: ROUTER }, back).config)).not.toContain(kept);
});

describe('FRR is told in its own words', () => {
  const told = (line: string, lines = GROUP) =>
    entered(lines, line).frr.map(({ path, line: said }) => [...path, said].join(' / '));

  test('policy goes into the address family', () => {
    expect(told('neighbor g soft-reconfiguration inbound')).toEqual([
      'router bgp 64512 / address-family ipv4 unicast / neighbor g soft-reconfiguration inbound',
    ]);
  });
  test('BFD has another name', () => {
    expect(told('neighbor g fall-over bfd')).toEqual(['router bgp 64512 / neighbor g bfd']);
    expect(told('no neighbor g fall-over bfd')).toEqual(['router bgp 64512 / no neighbor g bfd']);
  });
  test('a value that no left out is added', () => {
    expect(told('no neighbor g remote-as')).toEqual(['router bgp 64512 / no neighbor g remote-as 64512']);
  });
  test('a new router behaves as ZebOS does', () => {
    const { frr } = edit({ config: EMPTY, context: { at: 'config' } }, 'router bgp 64512');
    expect(frr.map(({ line }) => line)).toEqual([
      'no bgp ebgp-requires-policy',
      'no bgp network import-check',
      'timers bgp 30 90',
      'bgp graceful-restart-disable',
      'maximum-paths 1',
      'maximum-paths ibgp 1',
    ]);
  });
});
