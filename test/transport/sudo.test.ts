import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Connection } from '../../src/core/transport.ts';
import { local } from '../../src/transport/local.ts';
import { sudo } from '../../src/transport/sudo.ts';

/**
 * A stand-in with sudo's words (1.9): it asks for a password unless `nopasswd` lies beside it, reads it from stdin only with -S, asks
 * three times, and counts the questions.
 */
const SUDO = `#!/bin/bash
here=\${0%/*}
while [ $# -gt 0 ]; do case $1 in
  -n) never=1 ;; -S) stdin=1 ;; -v) validate=1 ;; -p) shift ;; --) shift; break ;; *) echo "usage: sudo" >&2; exit 1 ;;
esac; shift; done
if [ -e "$here/requiretty" ]; then echo "sudo: sorry, you must have a tty to run sudo" >&2; exit 1; fi
if [ -e "$here/denied" ]; then echo "joe is not in the sudoers file." >&2; exit 1; fi
if [ ! -e "$here/nopasswd" ]; then
  if [ -n "$never" ]; then echo "sudo: a password is required" >&2; exit 1; fi
  [ -n "$stdin" ] || { echo "sudo: a terminal is required to read the password" >&2; exit 1; }
  for try in 1 2 3; do
    echo asked >> "$here/asked"
    IFS= read -r line || { echo "sudo: no password was provided" >&2; exit 1; }
    [ "$line" = "op'en" ] && ok=1 && break
    echo "Sorry, try again." >&2
  done
  [ -n "$ok" ] || { echo "sudo: 3 incorrect password attempts" >&2; exit 1; }
fi
[ -z "$validate" ] || exit 0
command -v "$1" >/dev/null || { echo "sudo: $1: command not found" >&2; exit 1; }
ROOT=1 exec "$@"
`;

let folder: string;
let machine: Connection;
const says = (name: string) => writeFileSync(join(folder, name), '');

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cpaas-sudo-'));
});
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(() => {
  for (const name of ['nopasswd', 'denied', 'requiretty', 'asked']) rmSync(join(folder, name), { force: true });
  writeFileSync(join(folder, 'sudo'), SUDO, { mode: 0o755 });
  const here = local('vm');
  const exec: Connection['exec'] = (argv, options) =>
    here.exec(['env', `PATH=${folder}:${process.env['PATH']}`, ...argv], options);
  machine = { ...here, exec };
});
const right = async () => "op'en";
const root = { stdout: 'root\n', code: 0 };
const whoami = ['sh', '-c', '[ -n "$ROOT" ] && echo root'];

it('without a password sudo is told to ask nobody', async () => {
  says('nopasswd');
  expect(await sudo(machine).exec(whoami)).toMatchObject(root);
});

it('with one it is given over standard input', async () => {
  expect(await sudo(machine, right).exec(whoami)).toMatchObject(root);
});

it('the password never becomes the input of the command, whether sudo asks for it or not', async () => {
  for (const nopasswd of [false, true]) {
    if (nopasswd) says('nopasswd');
    expect((await sudo(machine, right).exec(['cat'], { stdin: 'a\n\\b\n  c' })).stdout).toBe('a\n\\b\n  c');
    expect((await sudo(machine, right).exec(['cat'])).stdout).toBe('');
  }
});

it('arguments, exit codes and programs that are not there are as without it', async () => {
  says('nopasswd');
  for (const host of [sudo(machine), sudo(machine, right)]) {
    expect((await host.exec(['printf', '%s|', '$(id)', '', '-n'])).stdout).toBe('$(id)||-n|');
    expect((await host.exec(['sh', '-c', 'exit 7'])).code).toBe(7);
    expect((await host.exec(['cpaas-absent'])).code).toBe(127);
    expect((await host.exec(['command', '-v', 'cat'])).code).toBe(0);
  }
});

it('a wrong password is told, and tried once however many commands there are', async () => {
  const host = sudo(machine, async () => 'wrong');
  const options = { stdin: 'not\na\npassword\n' };
  const all = [host.exec(whoami, options), host.exec(whoami, options)];
  for (const one of all) await expect(one).rejects.toMatchObject({ code: 'SUDO.PASSWORD' });
  await expect(host.exec(whoami)).rejects.toMatchObject({ code: 'SUDO.PASSWORD' });
  // sudo asks again after the wrong one, and is told nothing.
  expect(readFileSync(join(folder, 'asked'), 'utf8')).toBe('asked\nasked\n');
});

it('a password that is needed, a user who may not, and a missing sudo have their codes', async () => {
  await expect(sudo(machine).exec(whoami)).rejects.toMatchObject({
    code: 'SUDO.PASSWORD',
    message: 'vm: sudo asks for a password',
  });
  says('denied');
  await expect(sudo(machine).exec(whoami)).rejects.toMatchObject({ code: 'SUDO.DENIED' });
  says('requiretty');
  await expect(sudo(machine).exec(whoami)).rejects.toMatchObject({
    code: 'SUDO.DENIED',
    message: 'vm: sudo works at a terminal alone (requiretty)',
  });
  const here = local('vm');
  const exec: Connection['exec'] = (argv, options) => here.exec(['env', 'PATH=/nowhere', ...argv], options);
  await expect(sudo({ ...here, exec }).exec(whoami)).rejects.toMatchObject({ code: 'SUDO.MISSING' });
});
