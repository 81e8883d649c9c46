import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Connection } from '../../src/core/transport.ts';
import { execAll } from '../../src/transport/batch.ts';
import { local } from '../../src/transport/local.ts';
import { withGroup } from '../../src/transport/with-group.ts';

/** Programs with the words of the real ones: Docker's client before a socket of another group, and the shadow suite's sg. */
const DOCKER = `#!/bin/sh
echo "$*" >>"$HERE/calls"
[ -z "$GROUPED" ] && echo "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: connect: permission denied" >&2 && exit 1
[ "$1" != fails ] || { echo 'no such container' >&2; exit 1; }
printf '%s\\n' "$@"
cat
`;
const SG = `#!/bin/sh
[ "$1 $2" = 'docker -c' ] || exit 9
GROUPED=1 exec sh -c "$3"
`;

let folder: string;
let machine: Connection;
const members = (names: string) => program('getent', `#!/bin/sh\necho "$2:x:998:${names}"\n`);
const program = (name: string, text: string) => writeFileSync(join(folder, name), text, { mode: 0o755 });
const calls = () => readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n');

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cpaas-group-'));
  program('docker', DOCKER);
  program('sg', SG);
  program('id', '#!/bin/sh\necho ada\n');
  const here = local('here');
  const exec: Connection['exec'] = (argv, options) =>
    here.exec(['env', `PATH=${folder}:${process.env['PATH']}`, `HERE=${folder}`, ...argv], options);
  machine = withGroup({ ...here, exec }, 'docker');
});
afterEach(() => rmSync(folder, { recursive: true }));

it('what is refused for want of a group that the login was given since is called by way of it, from then on at once', async () => {
  members('bob,ada');
  const hard = ["it's", '$HOME "x"', ''];
  expect(await machine.exec(['docker', ...hard], { stdin: 'in' })).toMatchObject({
    code: 0,
    stdout: `${hard.join('\n')}\nin`,
  });
  await machine.exec(['docker', 'again'], { stdin: '' });
  expect(calls()).toHaveLength(3);
});

it('in one round trip with other questions, too', async () => {
  members('ada');
  const said = await execAll(machine, [
    ['docker', 'version'],
    ['echo', 'x'],
    ['docker', 'info'],
  ]);
  expect(said.map(({ code, stdout }) => [code, stdout])).toEqual([
    [0, 'version\n'],
    [0, 'x\n'],
    [0, 'info\n'],
  ]);
});

it('whoever is in no such group is told what Docker says, and nobody is asked for a password', async () => {
  members('bob');
  program('sg', '#!/bin/sh\necho asked >>"$HERE/calls"\n');
  expect(await machine.exec(['docker', 'ps'])).toMatchObject({ code: 1, stderr: expect.stringMatching(/denied/) });
  expect(await execAll(machine, [['docker', 'ps'], ['true']])).toMatchObject([{ code: 1 }, { code: 0 }]);
  expect(calls()).not.toContain('asked');
});

it('another failure is nothing that a group would mend', async () => {
  members('ada');
  await machine.exec(['docker', 'ps'], { stdin: '' });
  const before = calls().length;
  expect(await machine.exec(['docker', 'fails'], { stdin: '' })).toMatchObject({
    code: 1,
    stderr: 'no such container\n',
  });
  expect(calls()).toHaveLength(before + 1);
});
