import { describe, expect, test } from 'vitest';
import { parseUfwRules } from '../../../src/host/ufw.ts';
import { hostUfw, ufw } from '../../../src/steps/host/ufw.ts';
import { hostUfwRules, ufwRule } from '../../../src/steps/host/ufw-rules.ts';
import { fakeDebian } from '../../helpers/fake-debian.ts';
import type { Power } from '../../helpers/fake-host.ts';
import { stepLaws } from '../../helpers/step-laws.ts';

const CONF = '/etc/ufw/ufw.conf';
/** ufw that filters, with a rule of somebody's. */
function world() {
  const rules = new Map<string, string | undefined>([['allow 22/tcp', undefined]]);
  const program = (args: readonly string[]) => {
    const words = args.filter((word) => word !== '--force');
    const file = debian.tree.get(CONF);
    const spend = () => (debian.power as Power).spend();
    if (!debian.packages.has('ufw') || !file) return { code: 127, stderr: 'ufw: command not found\n' };
    if (words[0] === 'enable' || words[0] === 'disable') {
      spend();
      file.content = `ENABLED=${words[0] === 'enable' ? 'yes' : 'no'}\nLOGLEVEL=low\n`;
      return '';
    }
    if (words[0] === 'show') {
      const lines = [...rules].map(([rule, comment]) => `ufw ${rule}${comment ? ` comment '${comment}'` : ''}\n`);
      return `Added user rules (see 'ufw status' for running firewall):\n${lines.join('') || '(None)\n'}`;
    }
    const route = words[0] === 'route';
    const rest = route ? words.slice(1) : words;
    const gone = rest[0] === 'delete';
    const at = rest.indexOf('comment');
    const rule = [...(route ? ['route'] : []), ...rest.slice(gone ? 1 : 0, at === -1 ? undefined : at)].join(' ');
    if (gone && !rules.has(rule)) return 'Could not delete non-existent rule\n';
    spend();
    if (gone) rules.delete(rule);
    else rules.set(rule, rest[at + 1]);
    return 'Rule added\n';
  };
  const debian = fakeDebian('vm', {
    folders: ['/etc/ufw/'],
    files: { [CONF]: 'ENABLED=yes\nLOGLEVEL=low\n' },
    packages: { ufw: { version: '0.36' } },
    archive: { ufw: { versions: ['0.36'] } },
    more: { ufw: program },
  });
  return { ...debian, dump: () => ({ host: debian.dump(), rules: [...rules].toSorted() }) };
}

stepLaws('host.ufw', { step: hostUfw, place: { host: 'vm' }, world, wishes: [ufw('off'), ufw('removed')] });
stepLaws('host.ufw-rules', {
  step: hostUfwRules,
  place: { host: 'vm', cluster: 'cpaas1' },
  world,
  wishes: [
    [ufwRule('allow from 10.1.20.0/24'), ufwRule('route allow from 192.168.0.0/16')],
    [ufwRule('allow 22/tcp'), ufwRule('allow from 10.1.20.11')],
  ],
});

describe('ufw', () => {
  test('switching it off says what that means', () => {
    const step = hostUfw({ host: 'vm' }, ufw('off'));
    const change = { key: 'enabled', from: 'yes', to: 'no', before: 'yes', cause: 'wanted' } as const;
    expect(step.risk(change)).toEqual({ risk: 'disruptive', why: 'nothing is filtered any more' });
    expect(step.commands([change])).toEqual([{ argv: ['ufw', 'disable'] }]);
  });

  test('rules are read as ufw prints them', () => {
    expect(parseUfwRules("Added user rules (see 'ufw status' for running firewall):\n(None)\n")).toEqual([]);
    expect(parseUfwRules("ufw route allow in on eth0 from 10.0.0.1 comment 'it is mine'\nufw deny 23\n")).toEqual([
      { rule: 'route allow in on eth0 from 10.0.0.1', comment: 'it is mine' },
      { rule: 'deny 23', comment: undefined },
    ]);
  });
});
