import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { RunDocument } from '../../src/core/documents.ts';
import { expectWhole, Workspace } from '../helpers/cpaas.ts';
import { noLab } from '../helpers/lab.ts';
import { expectApplied, expectUnchanged } from '../helpers/outcomes.ts';

const PASSWORD = 'Between-us-9f2c';
const ANOTHER = 'Since-then-7b1d';

/** Everything that a file can say of sessions, on two nodes behind Docker's NAT. */
const lab = new Workspace('lab-ebgp.yaml', 'i4-sessions', ({ provider, bgp, routers: [router] }) => {
  Object.assign(provider.lab, { servers: 1, agents: 1 });
  Object.assign(bgp, { gracefulRestartTime: 300 });
  Object.assign(router ?? {}, {
    session: {
      password: { env: 'BGP_PASSWORD' },
      keepalive: 3,
      hold: 9,
      multihop: 5,
      maximumPrefixes: 50,
      accept: 'pods',
      announce: 'nothing',
    },
    bigip: { ...router?.bigip, routerId: '10.10.2.99', logNeighborChanges: true, updateSource: '10.10.2.20' },
  });
});
lab.env = { BGP_PASSWORD: PASSWORD };

const imish = (line: string): Promise<string> => lab.unit('bigip1', `imish -e "${line}"`);
const objects = async (...words: string[]) =>
  JSON.parse((await lab.run('kubectl', '--', 'get', ...words, '-o', 'json')).stdout);

/** Every file under a folder, as one text. */
const textOf = (folder: string): string =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
    .join('\n');

describe.skipIf(noLab).sequential('sessions with all that a file can say of them', () => {
  afterAll(() => lab.remove());

  test('come up at both ends, and nobody was told the password', async () => {
    const lines: string[] = [];
    const watch = setInterval(() => lines.push(commandLines()), 100);
    const log = join(lab.folder, 'run.log');
    const run = await lab.events('up', '-v', '-o', 'json', '--log-file', log);
    clearInterval(watch);
    expect(run.code, run.stdout + run.stderr).toBe(0);
    expectWhole(await lab.verify());
    const plan = await lab.run('plan', '--commands');
    const kept = textOf(lab.state);
    const shown = [run.stdout, run.stderr, plan.stdout, readFileSync(log, 'utf8'), ...lines];
    expect(shown.join('\n')).toContain('bigip1');
    for (const text of shown) expect(text).not.toContain(PASSWORD);
    expect(kept).not.toContain(PASSWORD);
    expect(lab.commandLog('bigip1')).not.toContain(PASSWORD);
  });

  test('have at the unit what the file says', async () => {
    expect(await imish('show running-config')).toMatchInlineSnapshot(`
      "!
      no service password-encryption
      !
      router bgp 65010
       bgp router-id 10.10.2.99
       bgp log-neighbor-changes
       bgp graceful-restart restart-time 300
       neighbor calico-k8s peer-group
       neighbor calico-k8s remote-as 64512
       neighbor calico-k8s update-source 10.10.2.20
       neighbor calico-k8s ebgp-multihop 5
       neighbor calico-k8s password ****
       neighbor calico-k8s timers 3 9
       neighbor calico-k8s maximum-prefix 50
       neighbor calico-k8s prefix-list cpaas-i4-sessions-pods in
       neighbor calico-k8s prefix-list cpaas-i4-sessions-nothing out
       neighbor 172.19.0.3 peer-group calico-k8s
       neighbor 172.19.0.3 description cpaas:i4-sessions
       neighbor 172.19.0.2 peer-group calico-k8s
       neighbor 172.19.0.2 description cpaas:i4-sessions
      !
      ip prefix-list cpaas-i4-sessions-pods seq 5 permit 10.53.0.0/16 ge 26 le 32
      ip prefix-list cpaas-i4-sessions-nothing seq 5 deny 0.0.0.0/0 le 32
      !
      line con 0
       login
      line vty 0 39
       login
      !
      end
      "
    `);
    const summary = await imish('show ip bgp summary');
    expect(summary).toContain('BGP router identifier 10.10.2.99');
    expect(await imish('show ip bgp neighbors')).toContain('hold time is 9, keepalive interval is 3 seconds');
  });

  test('have in the cluster what the file says', async () => {
    const [peer] = (await objects('bgppeers.crd.projectcalico.org')).items;
    expect(peer.spec).toMatchInlineSnapshot(`
      {
        "asNumber": 65010,
        "filters": [
          "cpaas-own-blocks",
        ],
        "maxRestartTime": "5m0s",
        "password": {
          "secretKeyRef": {
            "key": "password",
            "name": "cpaas-bgp-bigip1",
          },
        },
        "peerIP": "10.10.2.20",
      }
    `);
    const secrets = await objects('-n', 'kube-system', 'secrets');
    expect(secrets.items.map(({ metadata }: { metadata: { name: string } }) => metadata.name)).toEqual([
      'cpaas-bgp-bigip1',
    ]);
  });

  test('are as the file says, a second time', async () => expectUnchanged(await lab.up()));

  test('get another password at both ends in one run, when asked to', async () => {
    lab.env = { BGP_PASSWORD: ANOTHER };
    expectUnchanged(await lab.up());
    const asked = await lab.document<RunDocument>('bgp', 'peer', '--renew-passwords', '-y', '--progress', 'plain');
    expectApplied(asked);
    expect(lab.savedBgp('bigip1')).toContain(ANOTHER);
    const [{ data }] = (await objects('-n', 'kube-system', 'secrets')).items;
    expect(Buffer.from(data.password, 'base64').toString()).toBe(ANOTHER);
    expectWhole(await lab.verify());
    expect(textOf(lab.state)).not.toContain(ANOTHER);
    expect(lab.commandLog('bigip1')).not.toContain(ANOTHER);
    expectUnchanged(await lab.up());
  });

  test('keep it on a rollback of that run, which says that nobody has the old one, and what to do', async () => {
    const refused = await lab.document<RunDocument>('rollback', '-y');
    expect(refused).toMatchObject({
      code: 2,
      outcome: 'unchanged',
      error: {
        code: 'ROLLBACK.PASSWORD',
        next: [{ command: expect.stringMatching(/^cpaas bgp peer --renew-passwords\b/) }, {}],
      },
    });
    expect(lab.savedBgp('bigip1')).toContain(ANOTHER);
    expectWhole(await lab.verify());
  });

  test('go on unsigned when the file no longer has a password: neither end keeps it', async () => {
    lab.edit(({ routers: [router] }) => Object.assign(router ?? {}, { session: { accept: 'pods' } }));
    expectApplied(await lab.up('-y'));
    expectWhole(await lab.verify());
    expect(await imish('show running-config')).not.toMatch(/neighbor \S+ (password|timers|maximum-prefix)|nothing/);
    expect((await objects('-n', 'kube-system', 'secrets,roles,rolebindings')).items).toEqual([]);
  });

  test('are gone with down, and all that was made for them', async () => expectApplied(await lab.down()));

  test('have left the password nowhere: not in the journal, nor in the logs, nor in what is told of a run', async () => {
    const { runs } = await lab.document<{ runs: readonly { run: string }[] }>('runs');
    const told = await Promise.all(runs.map(({ run }) => lab.run('runs', 'show', run)));
    const texts = [textOf(lab.state), ...told.flatMap(({ stdout, stderr }) => [stdout, stderr])];
    expect(texts.join('\n')).toContain('password');
    for (const text of texts) expect(text).not.toContain(PASSWORD);
  });
});

/** Of every process on this machine. */
const commandLines = (): string => execFileSync('ps', ['-eo', 'args', 'ww'], { encoding: 'utf8', maxBuffer: 1 << 26 });
