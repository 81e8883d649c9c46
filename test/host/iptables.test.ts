import { describe, expect, test } from 'vitest';
import { covers, meets, parseRule, parseRules } from '../../src/host/iptables.ts';
import { capture, withCaptures } from '../helpers/captures.ts';

const rule = (spec: string) => parseRule('filter', 'DOCKER-USER', spec);

describe('iptables-save', () => {
  withCaptures('every rule of a real Docker is read, and written as it was', () => {
    const save = capture('iptables-save-docker-20.10.txt');
    const { rules, chains } = parseRules(save);
    expect(rules.map(({ chain, spec }) => `-A ${chain} ${spec}`)).toEqual(
      save.split('\n').filter((line) => line.startsWith('-A')),
    );
    expect(chains).toContain('filter DOCKER-USER');
    expect(rules.filter(({ table, target }) => table === 'nat' && target === 'MASQUERADE')).toHaveLength(5);
    expect(rules.find(({ target }) => target === 'DNAT')).toMatchObject({ more: true, chain: 'DOCKER' });
  });

  test('comments keep their quotes, spaces and backslashes', () => {
    const spec = String.raw`-s 10.10.2.20/32 -m comment --comment "say \"so\" \\ twice" -j ACCEPT`;
    expect(rule(spec)).toMatchObject({ comment: String.raw`say "so" \ twice`, spec, more: false });
    expect(rule('-m comment --comment cpaas:a:b -j ACCEPT').comment).toBe('cpaas:a:b');
  });

  test('counters before a rule are left out', () => {
    expect(
      parseRules('*nat\n:POSTROUTING ACCEPT [1:60]\n[3:180] -A POSTROUTING -j ACCEPT\nCOMMIT\n').rules,
    ).toMatchObject([{ table: 'nat', chain: 'POSTROUTING', spec: '-j ACCEPT' }]);
  });
});

describe('two rules', () => {
  test.each([
    ['-j DROP', '-s 10.0.0.1', true, true],
    ['-s 10.0.0.0/8 -j DROP', '-s 10.0.0.1', true, true],
    ['-s 10.0.0.1 -j DROP', '-s 10.0.0.0/8', false, true],
    ['-s 10.0.0.1 -j DROP', '-i up0', false, true],
    ['-s 10.0.0.0/8 -j DROP', '-s 192.0.2.1', false, false],
    ['! -s 10.0.0.0/8 -j DROP', '-s 192.0.2.1', true, true],
    ['! -s 10.0.0.0/8 -j DROP', '-s 10.0.0.1', false, false],
    ['! -s 10.0.0.1 -j DROP', '-s 10.0.0.0/8', false, true],
    ['-i up+ -j DROP', '-i up0', true, true],
    ['-i up0 -j DROP', '-i up1', false, false],
    ['! -i br0 -j DROP', '-i up0', true, true],
    ['! -i up0 -j DROP', '-i up0', false, false],
    ['! -o br0 -j MASQUERADE', '-d 10.0.0.1', false, true],
    ['-p tcp --dport 179 -j DROP', '-s 10.0.0.1', false, true],
  ])('%s against %s: covers %s, meets %s', (theirs, mine, covering, meeting) => {
    expect(covers(rule(theirs), rule(mine))).toBe(covering);
    expect(meets(rule(theirs), rule(mine))).toBe(meeting);
    expect(meets(rule(mine), rule(theirs))).toBe(meeting);
  });
});
