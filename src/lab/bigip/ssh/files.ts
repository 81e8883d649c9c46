import { chmod, copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { UnitSwitches } from '../../spec.ts';
import { type Behaviour, behaviour } from '../unit/behaviour.ts';
import type { UnitPaths } from '../unit/paths.ts';

/** Texts that a person edits and the unit reads. */
const TEMPLATES = fileURLToPath(new URL('../../../../templates/', import.meta.url));
export const ROOT_SCRIPT = join(TEMPLATES, 'lab-bigip-root.sh');

/** crypt(3), SHA-512, of the passwords that a BIG-IP leaves the factory with: root/default and admin/admin. */
const ROOT_DEFAULT =
  '$6$bigiplab$ijov8GrqcjhPuUyJuNYXF4S/jMPDXnnD.AUoOgcykpYfEznEuMv5RJ0wsWvWvbfczjzqAB3xIEmUgzxY/2Q5b1';
const ADMIN_ADMIN =
  '$6$bigiplab$zJh5akhcczKYFLpiTy1AM.1j14Wk4WV24wBWBU.tlNPU7UzazIasj40XctBL2hEq.0.Hfou8lfUPxg2UccupL.';

const SHELLS = { bash: '/bin/bash', tmsh: '/usr/bin/tmsh' };

/** Writes the unit's own files, but for its configuration: users, keys, prompt, sshd. `key` is what root and admin are let in with. */
export async function writeFiles(
  paths: UnitPaths,
  hostname: string,
  switches: UnitSwitches,
  key: string,
): Promise<void> {
  const switched = behaviour(switches);
  const { loginShell, loginBanner, promptStates } = switched;
  const files: Readonly<Record<string, string>> = {
    'etc/hostname': `${hostname}\n`,
    'etc/hosts': `127.0.0.1 localhost localhost.localdomain ${hostname}\n`,
    'etc/passwd': passwd(SHELLS[loginShell], SHELLS[switches.loginShell ?? 'tmsh']),
    'etc/shadow': `root:${ROOT_DEFAULT}:19700::::::\nadmin:${ADMIN_ADMIN}:19700::::::\nsshd:*:19700::::::\nnobody:*:19700::::::\n`,
    'etc/group': 'root:x:0:\ntty:x:5:\nwebusers:x:500:\nsshd:x:74:\nnogroup:x:65534:\n',
    'etc/shells': '/bin/bash\n/bin/sh\n/usr/bin/tmsh\n',
    'etc/nsswitch.conf': 'passwd: files\ngroup: files\nshadow: files\nhosts: files\n',
    'etc/profile':
      'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\nexport PATH\n[ -z "$BASH" ] || . /etc/bash.bashrc\n',
    // The bash of a BIG-IP is too old for it, and its escapes before each prompt would be the lab's own.
    'etc/inputrc': 'set enable-bracketed-paste off\n',
    'etc/bash.bashrc': await readFile(join(TEMPLATES, 'lab-bigip-bashrc'), 'utf8'),
    'etc/ssh/sshd_config': (await readFile(join(TEMPLATES, 'lab-bigip-sshd_config'), 'utf8')) + sshdLines(switched),
    'etc/issue.net': loginBanner === '' ? '' : `${loginBanner}\n`,
    'etc/motd': loginBanner === '' ? '' : `${loginBanner}\n`,
    'var/prompt/states': promptStates.map((state) => `${state}\n`).join(''),
    'root/.bash_profile': 'cd /config\n',
    'root/.ssh/authorized_keys': key,
    'home/admin/.bash_profile': 'cd /config\n',
    'home/admin/.ssh/authorized_keys': key,
    'run/utmp': '',
    'var/log/lastlog': '',
    'var/log/wtmp': '',
  };
  for (const [name, content] of Object.entries(files)) {
    await mkdir(join(paths.files, dirname(name)), { recursive: true });
    await writeFile(join(paths.files, name), content);
  }
  await chmod(join(paths.files, 'etc/shadow'), 0o600);
  for (const folder of ['config', 'run/sshd', 'shared/tmp', 'var/log', 'var/tmp']) {
    await mkdir(join(paths.files, folder), { recursive: true });
  }
  await copyFile(join(TEMPLATES, 'lab-bigip-client.pl'), join(paths.files, 'client'));
  await chmod(join(paths.files, 'client'), 0o755);
}

/** What the switches add to the sshd's configuration. */
function sshdLines({ hang, applianceMode, loginBanner }: Behaviour): string {
  return [
    ...(loginBanner === '' ? ['PrintMotd no'] : ['Banner /etc/issue.net', 'PrintMotd yes']),
    ...(applianceMode ? ['DenyUsers root'] : []),
    // Whoever logs in gets nothing, ever: not a prompt, not an end.
    ...(hang ? ['ForceCommand /bin/sleep infinity'] : []),
  ]
    .map((line) => `${line}\n`)
    .join('');
}

/** As on a BIG-IP, admin is another name for user 0. */
function passwd(root: string, admin: string): string {
  return [
    `root:x:0:0:root:/root:${root}`,
    `admin:x:0:500:Admin User:/home/admin:${admin}`,
    'sshd:x:74:74:Privilege-separated SSH:/run/sshd:/usr/sbin/nologin',
    'nobody:x:65534:65534:nobody:/:/usr/sbin/nologin',
    '',
  ].join('\n');
}
