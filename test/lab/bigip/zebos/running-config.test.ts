import { describe, expect, test } from 'vitest';
import { load } from '../../../../src/lab/bigip/zebos/editing.ts';
import { PLAIN, type Printing, respelled, withoutBulk } from '../../../../src/lab/bigip/zebos/printing.ts';
import { runningConfig, runningRouter, savedConfig } from '../../../../src/lab/bigip/zebos/running-config.ts';
import { transcript } from '../../../helpers/transcript.ts';

const lines = (text: string) => text.split('\n');
// The files end with one newline; the device prints an empty line after `end`.
const asPrinted = (text: string) => `${text.trimEnd()}\n\n`;

test.each(['empty', 'article', 'ipv6'])(
  'the running configuration of the %s transcript is printed as the device printed it',
  (name) => {
    const text = transcript(`bigip-running-config-${name}`);
    expect(runningConfig(load(lines(text)))).toBe(asPrinted(text));
  },
);

test('what is saved makes the same configuration again, passwords included', () => {
  const config = load([
    'bgp extended-asn-cap',
    'router bgp 4200000001',
    'neighbor 10.0.0.2 remote-as 64512',
    'neighbor 10.0.0.2 password s3cret',
    'neighbor 10.0.0.2 prefix-list PODS in',
    'ip prefix-list PODS seq 5 permit 10.53.0.0/16 ge 26 le 32',
    'route-map RM permit 10',
    'set local-preference 200',
  ]);
  expect(load(lines(savedConfig(config)))).toEqual(config);
});

test('no output shows a password', () => {
  const config = load(['router bgp 1', 'neighbor 10.0.0.2 remote-as 1', 'neighbor 10.0.0.2 password s3cret']);
  expect(savedConfig(config)).toContain('s3cret');
  expect(runningConfig(config)).toContain(' neighbor 10.0.0.2 password ****\n');
  expect(runningConfig(config) + runningRouter(config)).not.toContain('s3cret');
});

describe('what units print differently', () => {
  const config = load(['router bgp 1', 'neighbor 10.0.0.2 remote-as 1', 'neighbor 10.0.0.2 password s3cret']);
  const differing = (printing: Partial<Printing>) => runningConfig(config, { ...PLAIN, ...printing });

  test.each([
    ['clear', / neighbor 10\.0\.0\.2 password s3cret\n/],
    ['encrypted', / neighbor 10\.0\.0\.2 password 7 [0-9a-f]{16}\n/],
    ['hidden', / neighbor 10\.0\.0\.2 password \*\*\*\*\n/],
  ] as const)('passwords: %s', (passwords, line) => {
    expect(differing({ passwords })).toMatch(line);
    expect(differing({ passwords }).includes('s3cret')).toBe(passwords === 'clear');
  });

  test('respell: a line is printed otherwise, or not at all', () => {
    const respell = { 'neighbor 10.0.0.2 remote-as 1': 'neighbor 10.0.0.2 remote-as 0.1', 'line vty 0 39': '' };
    const text = differing({ respell });
    expect(text).toContain('\n neighbor 10.0.0.2 remote-as 0.1\n');
    expect(text).not.toContain('vty');
    expect(runningConfig(config)).toContain('\n neighbor 10.0.0.2 remote-as 1\n');
  });

  test('bulk: lines that nobody entered, and that are nobody’s when they are loaded', () => {
    const text = differing({ bulk: 10_000 });
    expect(lines(text).filter((line) => line.startsWith('ip prefix-list BULK '))).toHaveLength(10_000);
    expect(load(withoutBulk(lines(respelled(savedConfig(config), { ...PLAIN, bulk: 3 }))))).toEqual(config);
    expect(runningConfig(config)).not.toContain('BULK');
  });
});

test('lines are printed in the order of ZebOS, whatever the order they came in', () => {
  const config = load([
    'router bgp 64512',
    'neighbor 10.0.0.9 remote-as 64512',
    'neighbor 10.0.0.9 description one',
    'neighbor g peer-group',
    'neighbor g remote-as 64512',
    'bgp graceful-restart',
    'bgp router-id 10.0.0.1',
  ]);
  expect(runningRouter(config)).toMatchInlineSnapshot(`
    "!
    router bgp 64512
     bgp router-id 10.0.0.1
     bgp graceful-restart restart-time 120
     neighbor g peer-group
     neighbor g remote-as 64512
     neighbor 10.0.0.9 remote-as 64512
     neighbor 10.0.0.9 description one
    !
    "
  `);
});
