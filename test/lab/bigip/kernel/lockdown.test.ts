import { expect, test } from 'vitest';
import { lockdownRules } from '../../../../src/lab/bigip/kernel/lockdown.ts';
import type { Value } from '../../../../src/lab/bigip/tmsh/store.ts';

const rules = (services: Value) =>
  lockdownRules({ 'net self': { internal: { address: '10.10.2.20/24', 'allow-service': services } } })
    .split('\n')
    .filter((line) => line.includes('10.10.2.20') && line.endsWith('ACCEPT'))
    .map((line) => line.replace('-A INPUT -d 10.10.2.20/32 ', ''));

test('a self-IP answers what it allows', () => {
  expect(rules(['tcp:bgp', 'tcp:ssh'])).toEqual(['-p tcp --dport 179 -j ACCEPT', '-p tcp --dport 22 -j ACCEPT']);
  expect(rules([])).toEqual([]);
  expect(rules('all')).toEqual(['-j ACCEPT']);
});

test('default does not include BGP', () => {
  const admitted = rules(['default']);
  expect(admitted).toContain('-p tcp --dport 22 -j ACCEPT');
  expect(admitted.join('\n')).not.toContain('179');
});
