import { describe, expect, test } from 'vitest';
import type { Objects } from '../../../../src/lab/bigip/tmsh/store.ts';
import { onObjects, type TmshResult } from '../../../../src/lab/bigip/tmsh/verbs.ts';
import { commandsOf, tmshWords } from '../../../../src/lab/bigip/tmsh/words.ts';
import { TMOS_EXAMPLE } from '../../../../src/lab/bigip/unit/tmos-routing.ts';

const UNIT: Objects = {
  'net route-domain': { '0': { id: '0', 'routing-protocol': [], vlans: ['internal'] } },
  'net self': {
    internal: {
      address: '10.10.2.20/24',
      'allow-service': ['tcp:ssh'],
      'traffic-group': 'traffic-group-local-only',
      vlan: 'internal',
    },
  },
  'net route': {},
  'sys db': { 'tmrouted.tmos.routing': { value: 'disable' } },
};

function say(line: string, objects = UNIT): TmshResult {
  const [verb, ...words] = tmshWords(line);
  return onObjects(objects, verb?.text ?? '', words);
}
function made(line: string, objects = UNIT): Objects {
  const result = say(line, objects);
  if (!('objects' in result)) throw new Error(JSON.stringify(result));
  return result.objects;
}
const text = (line: string, objects = UNIT) => (say(line, objects) as { text: string }).text;
const refused = (line: string, objects = UNIT) => (say(line, objects) as { refused: string }).refused;

test('BGP is enabled on a route domain, and disabled', () => {
  const on = made('modify net route-domain 0 routing-protocol add { BGP }');
  expect(text('list net route-domain 0 routing-protocol', on)).toBe(
    'net route-domain 0 {\n    routing-protocol {\n        BGP\n    }\n}\n',
  );
  expect(
    text('list net route-domain 0', made('modify net route-domain 0 routing-protocol delete { BGP }', on)),
  ).not.toContain('routing-protocol');
});

test('tcp:179 is read back as tcp:bgp', () => {
  const open = made('modify net self internal allow-service add { tcp:179 }');
  expect(text('list net self internal allow-service one-line', open)).toBe(
    'net self internal { allow-service { tcp:bgp tcp:ssh } }\n',
  );
});

test.each([
  ['none', 'none'],
  ['all', 'all'],
  ['default', '{ default }'],
  ['replace-all-with { tcp:22 udp:3784 }', '{ tcp:ssh udp:bfd-control }'],
])('allow-service %s', (given, shown) => {
  const changed = made(`modify net self internal allow-service ${given}`);
  expect(text('list net self internal allow-service one-line', changed)).toBe(
    `net self internal { allow-service ${shown} }\n`,
  );
});

test('a static route comes and goes', () => {
  const route = made('create net route cpaas-lab { network 172.19.0.0/16 gw 10.10.2.10 description "cpaas: lab" }');
  expect(text('list net route', route)).toBe(
    'net route cpaas-lab {\n    description "cpaas: lab"\n    gw 10.10.2.10\n    network 172.19.0.0/16\n}\n',
  );
  expect(text('list net route', made('delete net route cpaas-lab', route))).toBe('');
});

test('errors are those of the configuration utility', () => {
  const taken = made('create net route r network 172.19.0.0/16 gw 10.10.2.10');
  expect(refused('list net self nope')).toBe('01020036:3: The requested Self IP (/Common/nope) was not found.');
  expect(refused('delete net route nope')).toMatch(/^01020036:3: The requested .* \(\/Common\/nope\) was not found\.$/);
  expect(refused('create net route r network 172.20.0.0/16 gw 10.10.2.10', taken)).toMatch(
    /already exists in partition Common/,
  );
  expect(refused('create net route s network 172.20.0.0/16 gw 192.0.2.1')).toBe(
    '01070330:3: Static route gateway 192.0.2.1 is not directly connected via an interface.',
  );
  expect(refused('modify net self internal bogus 1')).toBe('Syntax Error: unexpected argument "bogus"');
  expect(refused('list net bogus')).toBe('Syntax Error: unexpected argument "bogus"');
  expect(refused('modify net route-domain 0 routing-protocol add { XYZ }')).toMatch(
    /^01070734:3: Configuration error: /,
  );
  expect(refused('modify net self internal allow-service delete { tcp:bgp }')).toMatch(/was not found/);
});

test('legacy and TMOS routing exclude each other', () => {
  const tmos = { ...UNIT, 'sys db': { 'tmrouted.tmos.routing': { value: 'enable' } } };
  const mixed = 'Cannot mix routing-protocol Legacy and TMOS mode for route-domain (/Common/0).';
  expect(refused('modify net route-domain 0 routing-protocol add { BGP }', tmos)).toContain(mixed);
  const legacy = made('modify net route-domain 0 routing-protocol add { BGP }');
  expect(refused('modify sys db tmrouted.tmos.routing value enable', legacy)).toContain(mixed);
});

test('a licence without routing lets no protocol in', () => {
  const without = { ...UNIT, 'sys license': { license: { routing: 'absent' } } };
  expect(refused('modify net route-domain 0 routing-protocol add { BGP }', without)).toMatch(/not licensed/);
  expect(made('modify net route-domain 0 routing-protocol add { BGP }')).toBeDefined();
});

describe('route domains', () => {
  const two = made('create net route-domain blue { id 7 routing-protocol add { BGP } }');

  test('come with an id, and go', () => {
    expect(text('list net route-domain blue one-line', two)).toBe(
      'net route-domain blue { id 7 routing-protocol { BGP } }\n',
    );
    expect(text('list net route-domain', made('delete net route-domain blue', two))).not.toContain('blue');
  });

  test('addresses name them', () => {
    const self = made('create net self in7 { address 10.7.0.1%7/24 vlan v }', two);
    expect(made('create net route r7 { network 172.19.0.0%7/16 gw 10.7.0.2%7 }', self)).toBeDefined();
    expect(refused('create net route r0 { network 172.19.0.0/16 gw 10.7.0.2 }', self)).toMatch(
      /not directly connected/,
    );
    expect(refused('delete net route-domain blue', self)).toMatch(/in use/);
  });

  test.each([
    ['create net route-domain red', /must have an id/],
    ['create net route-domain red { id 7 }', /is that of/],
    ['create net route-domain red { id 8 vlans add { internal } }', /is in a route domain/],
    ['create net self x { address 10.9.0.1%9/24 vlan v }', /Route Domain \(\/Common\/9\) was not found/],
    ['delete net route-domain 0', /in use/],
  ])('%s is refused', (line, said) => {
    expect(refused(line, two)).toMatch(said);
  });
});

test('all of a kind go at once', () => {
  const one = made('create net route a network 172.19.0.0/16 gw 10.10.2.10');
  const both = made('create net route b network 172.20.0.0/16 gw 10.10.2.10', one);
  expect(text('list net route', made('delete net route all', both))).toBe('');
});

test('a self-IP and a route may be of IPv6', () => {
  const self = made('create net self six { address fd00::20/64 vlan internal }');
  expect(made('create net route r6 { network fd01::/64 gw fd00::1 }', self)).toBeDefined();
  expect(refused('create net route r6 { network fd01::/64 gw fd02::1 }', self)).toMatch(/not directly connected/);
});

test('blocks by name are printed one in another', () => {
  const bgp = { ...UNIT, 'net routing bgp': { tmos: TMOS_EXAMPLE(64512, 0, '10.10.2.254') } };
  expect(text('list net routing bgp', bgp)).toMatchInlineSnapshot(`
    "[api-status-warning] net/routing/bgp is early_access
    net routing bgp tmos {
        address-family {
            ipv4 {
                redistribute {
                    kernel { }
                }
            }
        }
        local-as 64512
        neighbor {
            10.10.2.254 {
                peer-group Neighbor
            }
        }
        peer-group {
            Neighbor {
                ebgp-multihop 2
                remote-as 65515
            }
        }
        route-domain 0
    }
    "
  `);
  expect(text('list net routing bgp tmos local-as one-line', bgp)).toBe(
    '[api-status-warning] net/routing/bgp is early_access\nnet routing bgp tmos { local-as 64512 }\n',
  );
});

test('semicolons stand between commands, unless they are quoted', () => {
  const commands = commandsOf(tmshWords('list net self; list net route r description "a; b";'));
  expect(commands.map((words) => words.map((word) => word.text))).toEqual([
    ['list', 'net', 'self'],
    ['list', 'net', 'route', 'r', 'description', 'a; b'],
  ]);
});

test('what a user quotes is one word', () => {
  expect(tmshWords(`create net route "a b" description 'x { y' { }`).map((word) => word.text)).toEqual([
    ...['create', 'net', 'route', 'a b', 'description', 'x { y', '{', '}'],
  ]);
});
