import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Bed, type Login, noUnit, startBed, until } from '../lab/bigip/bed.ts';

/** The switches of a stand-in BIG-IP, each beside a unit that has none. */
const CONFIGURATION = [
  'router bgp 64512',
  'bgp graceful-restart restart-time 120',
  'neighbor g peer-group',
  'neighbor g remote-as 64512',
  'neighbor 10.10.2.30 peer-group g',
];
const IMISH = 'TERM=vt100 imish';
const ADMIN: Login = { user: 'admin', password: 'admin' };

const exec = (...commands: readonly string[]) => `${IMISH} ${commands.map((command) => `-e '${command}'`).join(' ')}`;
const shown = async (bed: Bed, command: string) => (await bed.ssh(exec(command))).stdout;
const talk = (bed: Bed, lines: readonly string[], login: Login = {}) =>
  bed.ssh(IMISH, { input: [...lines, ''].join('\n'), ...login });
const neighbors = (text: string) => text.split('\n').filter((line) => line.includes('neighbor'));

describe.skipIf(noUnit)('switches of a unit', () => {
  const beds: Bed[] = [];
  const bed = async (name: string, switches: Parameters<typeof startBed>[1]) => {
    const made = await startBed(`i4b-${name}`, switches);
    beds.push(made);
    return made;
  };
  let plain: Bed;
  beforeAll(async () => {
    plain = await bed('plain', { zebos: CONFIGURATION });
  });
  afterAll(async () => {
    for (const each of beds) await each.down();
  });

  describe('how imish talks', () => {
    test('pager always: a pipe is paged as well, until terminal length 0', async () => {
      const zebos = [...CONFIGURATION, ...Array.from({ length: 30 }, (_, n) => `neighbor 10.10.3.${n} peer-group g`)];
      const paged = await bed('pager', { pager: 'always', zebos });
      const lines = ['enable', 'show running-config', ' terminal length 0', 'show running-config'];
      const { stdout } = await talk(paged, lines);
      expect(stdout.match(/--More--/g)).toHaveLength(1);
      expect(stdout).toContain('10.10.3.29');
      expect((await talk(plain, lines)).stdout).not.toContain('--More--');
      expect(await shown(paged, 'show running-config')).not.toContain('--More--');
    });

    test('enablePassword: asked for at enable, not echoed, not written down', async () => {
      const locked = await bed('enable', { enablePassword: 'let-me-in', zebos: CONFIGURATION });
      const { stdout } = await talk(locked, ['enable', 'let-me-in', 'show running-config']);
      expect(stdout).toContain('>enable\nPassword:\n');
      expect(stdout).toContain('#show running-config\n!\n');
      expect(stdout + (await locked.logs())).not.toContain('let-me-in');
      expect((await talk(plain, ['enable'])).stdout).not.toContain('Password');
    });

    test('hostname and promptSpace stand in every prompt', async () => {
      const hostname = 'a-unit-with-a-long-name.in-a-very-long-domain.of-the.lab.example';
      const named = await bed('host', { hostname, promptSpace: true, zebos: CONFIGURATION });
      expect((await talk(named, ['enable'])).stdout).toBe(`${hostname}[0]> enable\n${hostname}[0]# `);
      expect((await named.ssh('hostname')).stdout).toBe(`${hostname}\n`);
      expect((await talk(plain, ['enable'])).stdout).toBe('bigip1.lab.example[0]>enable\nbigip1.lab.example[0]#');
    });

    test('silentPipe: what is piped in is not echoed', async () => {
      const silent = await bed('silent', { silentPipe: true, zebos: CONFIGURATION });
      expect((await talk(silent, ['enable'])).stdout).toBe('bigip1.lab.example[0]>bigip1.lab.example[0]#');
    });

    test('wrapEcho: a line is broken at the edge of the terminal', async () => {
      const narrow = await bed('wrap', { wrapEcho: true, zebos: CONFIGURATION });
      const line = 'show running-config | include a-pattern-that-nothing-in-here-is-like-and-more';
      const typed = { terminal: true, input: `stty cols 60\n${IMISH}\nenable\n${line}\nexit\nexit\n` };
      expect((await narrow.ssh('', typed)).stdout).toMatch(/#show running-config \|.* \r.*-more\r\n/);
      expect((await plain.ssh('', typed)).stdout).toContain(`#${line}\r\n`);
    });

    test('execKeepsMode: the -e of one call configure together', async () => {
      const shared = await bed('shared', { execKeepsMode: true, zebos: CONFIGURATION });
      const call = exec('configure terminal', 'router bgp 64512', 'neighbor g description ours', 'end');
      expect((await shared.ssh(call)).stdout).not.toContain('%');
      expect(await shown(shared, 'show running-config')).toContain('description ours');
      expect((await plain.ssh(call)).stdout).toContain('% Invalid input');
      expect(await shown(plain, 'show running-config')).not.toContain('description');
    });

    test('remarks and strictAsn: what others take in silence', async () => {
      const picky = await bed('picky', { remarks: true, strictAsn: true, zebos: CONFIGURATION });
      const lines = ['enable', 'configure terminal', 'router bgp 64512', 'neighbor g prefix-list NOPE in'];
      const asn = ['neighbor 10.10.2.9 remote-as 4200000001', 'bgp extended-asn-cap', 'end'];
      const { stdout } = await talk(picky, [...lines, ...asn]);
      expect(stdout).toMatch(/NOPE in\nThe prefix-list 'NOPE' does not exist\.\n.*\n +\^\n% Invalid input/);
      expect(stdout).toContain('cap\n% BGP is running');
      expect(neighbors(await shown(picky, 'show running-config')).slice(2, 3)).toEqual([
        ' neighbor g prefix-list NOPE in',
      ]);
      const silent = await talk(plain, [
        ...lines,
        ...asn,
        'configure terminal',
        'router bgp 64512',
        ...asn.slice(0, 1),
      ]);
      expect(silent.stdout).not.toMatch(/^(%|The)/m);
      await talk(plain, [...lines.slice(0, 3), 'no neighbor 10.10.2.9', 'no neighbor g prefix-list NOPE in']);
      await talk(plain, ['enable', 'configure terminal', 'no bgp extended-asn-cap']);
    });

    test('lastCharacterLoss: a blank at the end of each line is the remedy', async () => {
      const lossy = await bed('lossy', { lastCharacterLoss: true, zebos: CONFIGURATION });
      await lossy.ssh(`printf 'router bgp 64512 \\nneighbor g timers 30 90 \\n' > /tmp/l; ${IMISH} -f /tmp/l`);
      expect(await shown(lossy, 'show running-config | include timers')).toBe(' neighbor g timers 30 90\n');
    });
  });

  describe('what it has', () => {
    test('intruder: somebody changes the configuration after it was read', async () => {
      const lines = ['router bgp 64512', 'neighbor 10.10.2.99 remote-as 64512'];
      const busy = await bed('intruder', { intruder: { afterReads: 2, lines }, zebos: CONFIGURATION });
      const reads = [];
      for (let read = 0; read < 3; read++) {
        reads.push((await shown(busy, 'show running-config')).includes('10.10.2.99'));
      }
      expect(reads).toEqual([false, false, true]);
      expect(await shown(busy, 'show ip bgp summary')).toMatch(/^10\.10\.2\.99 /m);
    });

    test('respell, bulk and passwords: what is read is not what was entered', async () => {
      const respell = { 'neighbor g remote-as 64512': 'neighbor g remote-as 0.64512' };
      const zebos = [...CONFIGURATION, 'neighbor g password s3cret'];
      const odd = await bed('respell', { respell, bulk: 10_000, passwords: 'clear', zebos });
      const text = await shown(odd, 'show running-config');
      expect(text.split('\n').length).toBeGreaterThan(10_000);
      expect(neighbors(text)).toContain(' neighbor g remote-as 0.64512');
      expect(neighbors(text)).toContain(' neighbor g password s3cret');
      await odd.ssh(exec('write'));
      expect((await odd.ssh('cat /config/zebos/rd0/ZebOS.conf')).stdout).toBe(text);
      expect(await odd.logs()).not.toContain('s3cret');
    });

    test('tmosRouting: imish shows what tmsh made, and loses what is entered there', async () => {
      const tmos = await bed('tmos', { tmosRouting: true });
      expect((await tmos.ssh('tmsh list net routing bgp')).stdout).toContain('remote-as 65515');
      const generated = await shown(tmos, 'show running-config');
      expect(generated).toContain('\n neighbor Neighbor soft-reconfiguration inbound\n');
      await talk(tmos, ['enable', 'configure terminal', 'router bgp 64512', 'neighbor Neighbor description x']);
      expect(await shown(tmos, 'show running-config')).toContain('description x');
      await tmos.ssh('tmsh modify cli preference pager disabled');
      expect(await shown(tmos, 'show running-config')).toBe(generated);
      expect((await plain.ssh('tmsh list net routing bgp')).stdout).not.toContain('net routing bgp');
    });

    test('routeDomain: the VLAN is in another one, whose imish has its own configuration and sessions', async () => {
      const other = await bed('rd', { routeDomain: 7, zebos: CONFIGURATION, lockdown: ['tcp:ssh', 'tcp:bgp'] });
      expect((await other.ssh('tmsh list net self internal address one-line')).stdout).toContain('10.10.2.20%7/24');
      expect((await other.ssh(exec('show running-config'))).stderr).toContain('Dynamic routing is not enabled');
      await other.bird();
      await until(async () =>
        /^10\.10\.2\.30 .* \d+$/m.test((await other.ssh(`${IMISH} -r 7 -e 'sh ip bgp su'`)).stdout),
      );
      await other.ssh('tmsh create net route-domain blue { id 8 routing-protocol add { BGP } }');
      const blue = { input: 'en\nconf t\nrouter bgp 65001\nneighbor 10.10.2.30 remote-as 64512\nwr\nend\n' };
      expect((await other.ssh(`${IMISH} -r 8`, blue)).stdout).toContain('bigip1.lab.example[8](config-router)#wr\n');
      expect(neighbors(await other.file('config/zebos/rd8/ZebOS.conf'))).toEqual([
        ' neighbor 10.10.2.30 remote-as 64512',
      ]);
      expect((await other.ssh(`${IMISH} -r 8 -e 'show ip bgp summary'`)).stdout).toMatch(/^10\.10\.2\.30 .*[a-z] *$/m);
      const routes = async (id: number) => (await other.ssh(`${IMISH} -r ${id} -e 'show ip route'`)).stdout;
      expect([await routes(7), await routes(8)].map((text) => text.includes('10.10.2.0/24'))).toEqual([true, false]);
      expect((await other.ssh('rdexec 8 echo from blue')).stdout).toBe('from blue\n');
      expect((await other.ssh('rdexec 9 echo from nowhere')).stderr).toContain('no such route domain: 9');
      await other.ssh('tmsh delete net route-domain blue');
      expect((await other.ssh(`${IMISH} -r 8 -e 'show version'`)).stderr).toContain('Dynamic routing is not enabled');
    });

    test('IPv6: a neighbor, its address family and its prefix-list are real', async () => {
      const six = await bed('six', { zebos: CONFIGURATION });
      await six.ssh('tmsh create net self six { address fd00::20/64 vlan internal allow-service add { tcp:bgp } }');
      expect((await six.unit('ip', '-6', 'address', 'show', 'dev', 'internal')).stdout).toContain('fd00::20/64');
      const { stdout } = await talk(six, [
        ...['enable', 'configure terminal', 'ipv6 prefix-list SIX permit fd01::/48 le 64', 'router bgp 64512'],
        ...['neighbor FD00:0::30 remote-as 64512', 'no neighbor fd00::30 activate', 'address-family ipv6'],
        ...['neighbor fd00::30 activate', 'neighbor fd00::30 prefix-list SIX in', 'neighbor fd00::30 maximum-prefix 9'],
      ]);
      expect(stdout).not.toMatch(/^%/m);
      expect(await shown(six, 'show bgp ipv6 summary')).toMatch(/^fd00::30 /m);
      expect(await shown(six, 'show ip bgp summary')).not.toContain('fd00::30');
      expect(await six.logs()).not.toContain('bgpd refused');
    });
  });

  describe('what goes wrong', () => {
    test('bytesPerSecond: what imish prints comes slowly', async () => {
      const slow = await bed('slow', { bytesPerSecond: 200, zebos: CONFIGURATION });
      const before = Date.now();
      const text = await shown(slow, 'show running-config');
      expect(text).toBe(await shown(plain, 'show running-config'));
      expect(Date.now() - before).toBeGreaterThan((text.length / 200) * 900);
    });

    test('stallAfterCommands: the connection stays, and nothing comes any more', async () => {
      const stalled = await bed('stall', { stallAfterCommands: 2, zebos: CONFIGURATION });
      const stuck = await talk(stalled, ['enable', 'show version', 'show version', 'exit'], { patience: 3000 });
      expect(stuck.code).toBe(-1);
      expect(stuck.stdout.match(/ZebOS version/g) ?? []).not.toHaveLength(2);
      expect((await stalled.ssh('echo alive')).stdout).toBe('alive\n');
    });

    test('dropAfterBytes: the connection is cut in the middle', async () => {
      const cut = await bed('bytes', { dropAfterBytes: 100, zebos: CONFIGURATION });
      const { stdout, code } = await cut.ssh(exec('show running-config'));
      expect(code).toBe(255);
      // how much of that has got through is a matter of load
      expect(stdout).toBe((await shown(plain, 'show running-config')).slice(0, Math.min(stdout.length, 100)));
      expect((await cut.ssh('echo alive')).stdout).toBe('alive\n');
    });

    test('fullDisk: nothing is saved, and both say so', async () => {
      const full = await bed('full', { fullDisk: true, zebos: CONFIGURATION });
      const before = await full.file('config/zebos/rd0/ZebOS.conf');
      await talk(full, ['enable', 'configure terminal', 'router bgp 64512', 'neighbor g description new']);
      expect((await full.ssh(exec('write'))).stdout).toMatch(/^% .*No space left on device/m);
      expect((await full.ssh('tmsh save sys config')).code).toBe(1);
      expect(await full.file('config/zebos/rd0/ZebOS.conf')).toBe(before);
      expect((await plain.ssh(exec('write'))).stdout).toBe('Building configuration...\n[OK]\n');
      expect((await plain.ssh('tmsh save sys config')).code).toBe(0);
    });

    test.each(['operator', 'guest'] as const)('role %s looks, and changes nothing', async (role) => {
      const barred = await bed(role, { role, loginShell: 'tmsh' });
      expect((await barred.ssh('list net self internal address one-line')).code).toBe(0);
      for (const command of [
        'modify net route-domain 0 routing-protocol add { BGP }',
        'save sys config',
        'bash -c "id"',
        'imish -e "show version"',
        'reboot',
      ]) {
        const { stdout, stderr, code } = await barred.ssh(command);
        expect({ command, stdout, code, said: stderr !== '' }).toEqual({ command, stdout: '', code: 1, said: true });
      }
    });

    test('unlicensed: no protocol is enabled', async () => {
      const bare = await bed('bare', { unlicensed: true });
      const { stderr, code } = await bare.ssh('tmsh modify net route-domain 0 routing-protocol add { BGP }');
      expect({ stderr, code }).toMatchObject({ stderr: expect.stringMatching(/not licensed/), code: 1 });
      expect((await bare.ssh('tmsh show sys license')).stdout).not.toContain('Routing');
      expect((await plain.ssh('tmsh show sys license')).stdout).toContain('Routing Bundle');
    });

    test('product and version: a BIG-IP Next has neither tmsh nor imish', async () => {
      const next = await bed('next', { product: 'BIG-IP Next' });
      for (const program of ['tmsh', 'imish']) {
        expect(await next.ssh(`${program} -h`)).toMatchObject({
          code: 127,
          stderr: expect.stringContaining('not found'),
        });
      }
      const iq = await bed('iq', { product: 'BIG-IQ', version: '8.3.0' });
      expect((await iq.ssh('tmsh show sys version')).stdout).toMatch(/Product +BIG-IQ\n +Version +8\.3\.0\n/);
    });

    test('applianceMode: root is out, admin has tmsh and no bash', async () => {
      const sealed = await bed('sealed', { applianceMode: true, routingProtocol: true });
      expect((await sealed.ssh('true')).code).toBe(255);
      expect((await sealed.ssh('bash -c id', ADMIN)).stderr).toContain('Syntax Error');
      expect((await sealed.ssh('imish -e "show version"', ADMIN)).stderr).toContain('terminal');
      expect((await plain.ssh('bash -c id', ADMIN)).stdout).toContain('uid=0');
    });

    test('loginShell tmsh: a command is a command of tmsh, and no script is', async () => {
      const { stderr, code } = await plain.ssh('sh -s', { ...ADMIN, input: 'echo hello\n' });
      expect({ stderr, code }).toEqual({ stderr: 'Syntax Error: unexpected argument "sh"\n', code: 1 });
      const two = await plain.ssh('list net self internal vlan one-line; list net route', ADMIN);
      expect(two).toMatchObject({ stdout: 'net self internal { vlan internal }\n', code: 0 });
      expect((await plain.ssh('list net bogus; list net self', ADMIN)).stdout).toBe('');
    });

    test('loginBanner: SSH shows it at every login, and never in what a command prints', async () => {
      const warned = await bed('banner', { loginBanner: 'Authorized use only' });
      const { stdout, stderr } = await warned.ssh('echo hello');
      expect(stdout).toBe('hello\n');
      expect(stderr).not.toContain('Authorized');
      expect((await warned.ssh('', { terminal: true, input: 'exit\n' })).stdout).toContain('Authorized use only');
    });
  });

  describe('what it is', () => {
    test('promptStates: the prompt of bash is another one each time', async () => {
      const restless = await bed('prompts', { promptStates: ['Active:In Sync', 'Standby:Changes Pending'] });
      const typed = { terminal: true, input: 'true\ntrue\nexit\n' };
      const prompts = (text: string) => [...text.matchAll(/\[root@bigip1:([^\]]+)\]/g)].map((found) => found[1]);
      expect(prompts((await restless.ssh('', typed)).stdout)).toEqual([
        'Active:In Sync',
        'Standby:Changes Pending',
        'Active:In Sync',
      ]);
      expect(new Set(prompts((await plain.ssh('', typed)).stdout))).toEqual(new Set(['Active:Standalone']));
    });

    test('ha and sync: the active unit hands over to the other, and the prompts tell', async () => {
      const pair = await startBed(
        'i4b-pair',
        { ha: 'active', selfIp: 'floating' },
        { ha: 'standby', sync: 'Changes Pending' },
      );
      beds.push(pair);
      const status = async (other = false) => (await pair.ssh('tmsh show cm failover-status', { other })).stdout;
      expect([await status(), await status(true)].map((text) => /Status +(\w+)/.exec(text)?.[1])).toEqual([
        'ACTIVE',
        'STANDBY',
      ]);
      expect((await pair.ssh('tmsh list cm device-group')).stdout).toContain('bigip2.lab.example { }');
      expect((await pair.ssh('tmsh show cm sync-status', { other: true })).stdout).toMatch(/Status +Changes Pending/);
      const has = async () =>
        (await pair.unit('ip', 'address', 'show', 'dev', 'internal')).stdout.includes('10.10.2.20/');
      expect(await has()).toBe(true);
      await pair.ssh('tmsh run sys failover standby');
      expect(await has()).toBe(false);
      expect([await status(), await status(true)].map((text) => /Status +(\w+)/.exec(text)?.[1])).toEqual([
        'STANDBY',
        'ACTIVE',
      ]);
      const typed = { terminal: true, input: 'tmsh\nquit\nexit\n' };
      expect((await pair.ssh('', typed)).stdout).toContain('[root@bigip1:Standby:In Sync] config #');
      expect((await pair.ssh('', { ...typed, other: true })).stdout).toContain(
        'root@(bigip2)(cfg-sync Changes Pending)(Active)(/Common)(tmos)#',
      );
      await plain.ssh('tmsh run sys failover standby');
      expect((await plain.ssh('tmsh show cm failover-status')).stdout).toMatch(/Status +ACTIVE/);
      expect((await plain.ssh('tmsh list cm device-group')).stdout).toBe('');
    });

    test('reboot: what was saved comes back, and nothing else', async () => {
      const unit = await bed('reboot', { zebos: CONFIGURATION });
      await talk(unit, ['enable', 'configure terminal', 'router bgp 64512', 'neighbor g description saved', 'write']);
      await talk(unit, ['enable', 'configure terminal', 'router bgp 64512', 'neighbor g description lost']);
      await unit.ssh('tmsh create net route kept network 192.0.2.0/24 gw 10.10.2.30');
      await unit.ssh('tmsh save sys config');
      await unit.ssh('tmsh create net route lost network 198.51.100.0/24 gw 10.10.2.30');
      await unit.ssh('sleep 300 < /dev/null > /dev/null 2>&1 & true');
      expect((await unit.ssh('reboot')).code).toBe(255);
      await until(async () => (await shown(unit, 'show running-config')).includes('description saved'));
      expect((await unit.ssh('tmsh list net route one-line')).stdout).toMatch(/^net route kept .*\n$/);
      expect((await unit.unit('ip', 'route')).stdout).not.toContain('198.51.100.0');
      expect((await unit.ssh('cat /proc/*/cmdline | tr "\\0" " "')).stdout).not.toContain('sleep 300');
    });
  });
});
