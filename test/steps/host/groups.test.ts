import { expect, test } from 'vitest';
import { hostGroups } from '../../../src/steps/host/groups.ts';
import { type FakeMachine, fakeContext, Power } from '../../helpers/fake-host.ts';
import { stepLaws } from '../../helpers/step-laws.ts';

const place = { host: 'vm', user: 'ada' };

function world() {
  const groups = new Map([
    ['docker', ['bob']],
    ['sudo', ['ada']],
    ['adm', []],
  ]);
  const power = new Power();
  const programs: FakeMachine['programs'] = {
    getent: ([, ...names]) => {
      const known = names.filter((name) => groups.has(name));
      const stdout = known.map((name, at) => `${name}:x:${900 + at}:${groups.get(name)?.join(',')}\n`).join('');
      return { stdout, code: known.length < names.length ? 2 : 0 };
    },
    gpasswd: ([flag, user = '', name = '']) => {
      const members = groups.get(name);
      if (!members) return { code: 1, stderr: `gpasswd: group '${name}' does not exist in /etc/group\n` };
      if (flag === '-d' && !members.includes(user))
        return { code: 3, stderr: `gpasswd: user '${user}' is not a member of '${name}'\n` };
      power.spend();
      groups.set(name, flag === '-a' ? [...new Set([...members, user])] : members.filter((each) => each !== user));
      return '';
    },
  };
  const machines = { vm: { name: 'vm', programs } };
  return { power, machines, dump: () => [...groups] };
}

stepLaws('host.groups', {
  step: hostGroups,
  place,
  world,
  wishes: [
    [['docker', true]],
    [
      ['docker', true],
      ['sudo', true],
      ['adm', true],
    ],
  ],
});

test('says that a login is needed before they are had', async () => {
  const step = hostGroups(place, [['docker', true]]);
  expect(await step.close?.act(fakeContext(world().machines), [])).toContain('ada has them from the next login on');
});

test('a group that is still to come with a package is none that the user is in', async () => {
  const step = hostGroups(place, [['later', true]]);
  expect(await step.read(fakeContext(world().machines), new Set(['later']))).toEqual(new Map());
});
