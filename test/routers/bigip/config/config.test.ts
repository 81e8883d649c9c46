import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type ConfigLine,
  elementsOf,
  parseConfig,
  ROUTER,
  renderConfig,
} from '../../../../src/routers/bigip/config/config.ts';
import { levelOf, lineOf, parseLine, undoingLineOf } from '../../../../src/routers/bigip/config/lines.ts';
import { config } from '../../../helpers/bgp-configs.ts';
import { transcript } from '../../../helpers/transcript.ts';

const elements = (name: string) => [...elementsOf(parseConfig(transcript(name)))];

describe('A running configuration', () => {
  test('of a bare unit has no elements', () => {
    expect(elements('bigip-running-config-empty')).toEqual([]);
  });

  test('of the article is known whole', () => {
    expect(elements('bigip-running-config-article')).toEqual([
      ['router bgp', '64512'],
      ['bgp graceful-restart restart-time', '120'],
      ['neighbor calico-k8s peer-group', true],
      ['neighbor calico-k8s remote-as', '64512'],
      ['neighbor 172.19.0.2 peer-group', 'calico-k8s'],
    ]);
  });

  test('keeps address families apart, though they are not indented deeper', () => {
    const config = parseConfig(transcript('bigip-running-config-ipv6'));
    expect(elementsOf(config).get('ipv6 neighbor Neighbor activate')).toBe(true);
    expect(elementsOf(config).get('ipv6 neighbor 10.0.0.68 activate')).toBe(false);
    expect(elementsOf(config).get('neighbor Neighbor prefix-list out')).toBe('/Common/myPrefixList1');
    expect(config.lines.filter(({ element }) => !element).map(({ context, text }) => `${context}: ${text}`)).toEqual([
      ': no service password-encryption',
      'router bgp: aggregate-address 10.100.0.0/16 summary-only',
      'router bgp: redistribute kernel',
      'router bgp: no neighbor Neighbor capability route-refresh',
      'router bgp / ipv6: no neighbor 10.0.0.68 capability graceful-restart',
      ': line con 0',
      'line con 0: login',
      ': line vty 0 39',
      'line vty 0 39: login',
    ]);
  });

  test.each(['article', 'ipv6', 'empty'])('that is printed again is the same (%s)', (name) => {
    const config = parseConfig(transcript(`bigip-running-config-${name}`));
    expect(parseConfig(renderConfig(config))).toEqual(config);
  });

  test('of any elements that cpaas makes is read as it was rendered', () => {
    fc.assert(
      fc.property(config, (elements) => {
        const lines = [...elements].map(([key, value]): ConfigLine => {
          const { level } = levelOf(key);
          const context = level === 'global' ? '' : level === 'router' ? ROUTER : `${ROUTER} / ${level.family}`;
          return { context, text: lineOf({ key, value }), element: { key, value } };
        });
        const rank = ({ context, text }: ConfigLine) =>
          context === '' && text.startsWith(ROUTER) ? 0 : context.length - 99;
        const sorted = lines.toSorted(
          (one, other) => (one.context === '' ? 0 : 1) - (other.context === '' ? 0 : 1) || rank(one) - rank(other),
        );
        const { lines: read } = parseConfig(renderConfig({ lines: sorted }));
        const text = (line: ConfigLine) => `${line.context}: ${line.text} ${JSON.stringify(line.element)}`;
        expect(read.map(text).toSorted()).toEqual(lines.map(text).toSorted());
      }),
    );
  });

  test('may be any text at all', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.array(fc.constantFrom('no ', 'neighbor ', 'router bgp ', '\n', ' ', 'address-family ', '1')),
        (some, words) => {
          const { lines } = parseConfig(`${some}${words.join('')}${some}`);
          expect(lines.every(({ element }) => !element || lineOf(element) !== '')).toBe(true);
        },
      ),
    );
  });

  test('that begins a block twice has its lines once', () => {
    const twice =
      'router bgp 1\n timers bgp 3 9\n!\ninterface x\n ip a\n!\nrouter bgp 1\n bgp router-id 1.1.1.1\ninterface x\nend\n';
    const once = renderConfig(parseConfig(twice));
    expect(once.match(/timers|ip a|router-id/g)).toEqual(['timers', 'router-id', 'ip a']);
    expect(renderConfig(parseConfig(once))).toBe(once);
  });

  test('has no password in it, only that there is one', () => {
    const found = parseConfig('router bgp 1\n neighbor 10.0.0.1 password 7 s3cret\nend\n');
    expect([...elementsOf(found)]).toContainEqual(['neighbor 10.0.0.1 password', true]);
    expect(JSON.stringify(found)).not.toContain('s3cret');
  });

  test('compares AS numbers in either notation', () => {
    expect([...elementsOf(parseConfig('router bgp 1.10\n neighbor 10.0.0.1 remote-as 65546\nend\n')).values()]).toEqual(
      ['65546', '65546'],
    );
  });

  test("has families of which cpaas knows nothing: their lines are nobody's", () => {
    const families = ['ipv4 vrf blue', 'vpnv4 unicast', 'l2vpn vpls', 'ip'];
    const family = (name: string) => ` address-family ${name}\n neighbor 10.0.0.1 activate\n exit-address-family\n`;
    const found = parseConfig(`router bgp 1\n${families.map(family).join('')}end\n`);
    expect([...elementsOf(found).keys()]).toEqual(['router bgp']);
    expect(found.lines.filter(({ text }) => text === 'neighbor 10.0.0.1 activate')).toHaveLength(families.length);
    expect(parseConfig(renderConfig(found))).toEqual(found);
  });

  test('cut and mixed anywhere is read as far as it goes, and printed again is the same', () => {
    const source = ['article', 'ipv6'].map((name) => transcript(`bigip-running-config-${name}`)).join('');
    const pieces = fc.array(fc.record({ from: fc.nat(source.length), length: fc.nat(300) }), { maxLength: 5 });
    fc.assert(
      fc.property(pieces, (cuts) => {
        const config = parseConfig(cuts.map(({ from, length }) => source.slice(from, from + length)).join(''));
        expect([...elementsOf(config).keys()].every((key) => levelOf(key))).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  test('of ten thousand lines is read at once', () => {
    const neighbor = (n: number) => {
      const address = `10.${n >> 8}.${n & 255}.1`;
      return ` neighbor ${address} remote-as ${n + 1}\n neighbor ${address} description n${n}\n`;
    };
    const text = `router bgp 64512\n${Array.from({ length: 5_000 }, (_, n) => neighbor(n)).join('')}end\n`;
    expect(elementsOf(parseConfig(text)).size).toBe(10_001);
  });
});

describe('A line', () => {
  test.each([
    ['router', 'neighbor 10.0.0.1 prefix-list PODS in', 'neighbor 10.0.0.1 prefix-list in', 'PODS'],
    ['router', 'neighbor 10.0.0.1 ebgp-multihop', 'neighbor 10.0.0.1 ebgp-multihop', true],
    [
      'router',
      'neighbor 10.0.0.1 maximum-prefix 10 warning-only',
      'neighbor 10.0.0.1 maximum-prefix',
      '10 warning-only',
    ],
    ['router', 'neighbor 10.0.0.1 description two words', 'neighbor 10.0.0.1 description', 'two words'],
    ['router', 'timers bgp 3 9', 'timers bgp', '3 9'],
    ['router', 'neighbor 10.0.0.1 timers 3 9', 'neighbor 10.0.0.1 timers', '3 9'],
    ['router', 'neighbor 10.0.0.1 timers connect 5', 'neighbor 10.0.0.1 timers connect', '5'],
    ['router', 'no neighbor 10.0.0.1 activate', 'neighbor 10.0.0.1 activate', false],
    [
      'global',
      'ip prefix-list A/b seq 5 permit 10.0.0.0/8 le 32',
      'ip prefix-list A/b seq 5',
      'permit 10.0.0.0/8 le 32',
    ],
    ['global', 'ipv6 prefix-list A seq 5 permit ::/0 le 128', 'ipv6 prefix-list A seq 5', 'permit ::/0 le 128'],
    ['global', 'bgp extended-asn-cap', 'bgp extended-asn-cap', true],
  ] as const)('%s: %s', (level, line, key, value) => {
    expect(parseLine(level, line)).toEqual({ key, value });
    expect(lineOf({ key, value })).toBe(line);
  });

  test.each([
    'redistribute kernel',
    'neighbor 10.0.0.1 route-map X in',
    'no neighbor 10.0.0.1 capability route-refresh',
    '',
  ])('that cpaas does not write is nobody’s (%j)', (line) => expect(parseLine('router', line)).toBeUndefined());

  test('is taken back by no', () => {
    expect(undoingLineOf({ key: 'neighbor 10.0.0.1 peer-group', value: 'g' })).toBe(
      'no neighbor 10.0.0.1 peer-group g',
    );
    expect(undoingLineOf({ key: 'neighbor 10.0.0.1 description', value: 'a b' })).toBe(
      'no neighbor 10.0.0.1 description',
    );
    expect(undoingLineOf({ key: 'ipv6 neighbor g activate', value: false })).toBe('neighbor g activate');
  });
});
