import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Bed, type Login, noUnit, startBed, until } from '../lab/bigip/bed.ts';

const CONFIGURATION = [
  'router bgp 64512',
  'bgp graceful-restart restart-time 120',
  'neighbor calico-k8s peer-group',
  'neighbor calico-k8s remote-as 64512',
  'neighbor 10.10.2.30 peer-group calico-k8s',
];

const imish = (...commands: readonly string[]) =>
  `TERM=vt100 imish ${commands.map((command) => `-e '${command}'`).join(' ')}`;

/** A conversation over standard input, from `>` on. */
const talk = (bed: Bed, ...lines: readonly string[]) =>
  bed.ssh('TERM=vt100 imish', { input: [...lines, ''].join('\n') });
const configure = (bed: Bed, ...lines: readonly string[]) => talk(bed, 'enable', 'configure terminal', ...lines, 'end');
const shown = async (bed: Bed, command: string) => (await bed.ssh(imish(command))).stdout;
const established = (bed: Bed) =>
  until(async () => /^10\.10\.2\.30 .* \d+$/m.test(await shown(bed, 'show ip bgp summary')));

describe.skipIf(noUnit)('a unit with BGP and a neighbor', () => {
  let bed: Bed;
  beforeAll(async () => {
    bed = await startBed('bu-bgp', { routingProtocol: true, lockdown: ['tcp:ssh', 'tcp:bgp'] });
    await bed.bird();
    await configure(bed, ...CONFIGURATION);
    await established(bed);
    await until(async () => (await shown(bed, 'show ip route bgp')).includes('10.53.1.0/26'));
  });
  afterAll(() => bed?.down());

  test('shows the session as a unit does', async () => {
    const text = (await shown(bed, 'show ip bgp summary')).replace(/^(10\.10\.2\.30 +4 64512) .*$/m, '$1');
    expect(
      text
        .trimEnd()
        .split('\n')
        .map((line) => line.trimEnd()),
    ).toEqual([
      'BGP router identifier 10.10.2.20, local AS number 64512',
      expect.stringMatching(/^BGP table version is \d+$/),
      '1 BGP AS-PATH entries',
      '0 BGP community entries',
      '',
      'Neighbor        V    AS MsgRcvd MsgSent   TblVer  InQ OutQ Up/Down  State/PfxRcd',
      '10.10.2.30      4 64512',
      '',
      'Total number of neighbors 1',
    ]);
    const neighbors = await shown(bed, 'show ip bgp neighbors');
    expect(neighbors).toMatch(/^BGP neighbor is 10\.10\.2\.30, remote AS 64512, local AS 64512, internal link$/m);
    expect(neighbors).toMatch(/^ Member of peer-group calico-k8s for session parameters$/m);
    expect(neighbors).toMatch(/hold time is 90, keepalive interval is 30 seconds$/m);
    expect(await shown(bed, 'show bgp neighbors')).toContain('BGP state = Established, up for 00:');
  });

  test('shows the blocks in its table and in its routes, by the name of the VLAN', async () => {
    expect(await shown(bed, 'show ip bgp')).toContain(
      '\n*>i10.53.168.192/26 10.10.2.30               0        100          0 i\n',
    );
    expect(await shown(bed, 'show ip route bgp')).toMatch(
      /^B {7}10\.53\.1\.0\/26 \[200\/0\] via 10\.10\.2\.30, internal, \d\d:\d\d:\d\d$/m,
    );
    expect((await bed.unit('ip', 'route', 'get', '10.53.1.1')).stdout).toContain('via 10.10.2.30 dev internal');
  });

  test('prints the configuration in the shape of ZebOS, and saves it apart from the objects of tmsh', async () => {
    const running = await shown(bed, 'show running-config');
    expect(running).toContain(`!\n${CONFIGURATION.join('\n ')}\n!\nline con 0\n`);
    expect((await talk(bed, 'en', 'conf t', 'router bgp 64512', 'wr')).stdout).toMatch(
      /\(config-router\)#wr\nBuilding configuration\.\.\.\n\[OK\]\n.*\(config-router\)#$/,
    );
    expect(await bed.file('config/zebos/rd0/ZebOS.conf')).toBe(running);
    expect((await bed.ssh('cat /config/zebos/rd0/ZebOS.conf')).stdout).toBe(running);
    await bed.ssh('tmsh create net route later network 192.0.2.0/24 gw 10.10.2.30');
    expect(await bed.file('config/bigip.conf')).not.toContain('later');
    expect((await bed.ssh('tmsh save sys config')).stdout).toBe(
      'Saving running configuration...\n  /config/bigip.conf\n  /config/bigip_base.conf\n  /config/bigip_user.conf\n',
    );
    expect(await bed.file('config/bigip.conf')).toContain('net route /Common/later {');
    expect((await bed.unit('ip', 'route', 'show', '192.0.2.0/24')).stdout).toContain('via 10.10.2.30');
    await bed.ssh('tmsh delete net route later');
    expect((await bed.unit('ip', 'route', 'show', '192.0.2.0/24')).stdout).toBe('');
  });

  test('refuses what comes in the wrong order, another AS, and invented words, and keeps what it had', async () => {
    const before = await shown(bed, 'show running-config');
    const { stdout } = await configure(bed, 'router bgp 65001', 'neighbor 10.10.2.31 remote-as 64512', 'exit');
    expect(stdout).toContain('BGP is already running; AS is 64512\nbigip1.lab.example[0](config)#');
    expect(stdout).toContain("^\n% Invalid input detected at '^' marker.\n");
    const order = await configure(
      bed,
      'router bgp 64512',
      'neighbor 10.10.2.31 peer-group nope',
      'neighbor 10.10.2.31 frob',
    );
    expect(order.stdout).toContain('% Configure the peer-group first');
    expect(await shown(bed, 'show running-config')).toBe(before);
  });

  test('lines of its file are carried out to the end, whatever some of them come to', async () => {
    await bed.ssh(
      'printf "configure terminal\\nrouter bgp 64512\\nneighbor calico-k8s description ours\\n" > /tmp/lines',
    );
    const { stdout, code } = await bed.ssh('TERM=vt100 imish -r 0 -f /tmp/lines');
    expect({ stdout, code }).toEqual({ stdout: "^\n% Invalid input detected at '^' marker.\n", code: 0 });
    expect(await shown(bed, 'show running-config | include desc')).toBe(' neighbor calico-k8s description ours\n');
    expect((await bed.ssh(imish('router bgp 64512'))).stdout).toContain('% Invalid input detected');
  });

  test('shows no password, keeps it in its saved configuration, and writes it to no log', async () => {
    await configure(
      bed,
      'router bgp 64512',
      'neighbor 10.10.2.40 remote-as 64512',
      'neighbor 10.10.2.40 password s3cret-word',
    );
    expect(await shown(bed, 'show running-config')).toContain(' neighbor 10.10.2.40 password ****\n');
    expect(await bed.logs()).not.toContain('s3cret-word');
    await configure(bed, 'router bgp 64512', 'no neighbor 10.10.2.40');
  });

  test('keeps the routes of a neighbor that died, and marks them', async () => {
    await bed.killBird();
    await until(async () => (await shown(bed, 'show ip bgp')).includes('\nS>i10.53.1.0/26'));
    expect(await shown(bed, 'show ip bgp summary')).toMatch(/^10\.10\.2\.30 .* \d\d:\d\d:\d\d [A-Z][a-z]+ *$/m);
    await bed.bird();
    await established(bed);
  });

  test.each(['SIGTERM', 'SIGKILL'] as const)('is the same after its daemon ended by %s', async (signal) => {
    const before = await shown(bed, 'show running-config');
    await bed.restartDaemon(signal);
    expect(await shown(bed, 'show running-config')).toBe(before);
    await established(bed);
  });

  test('port lockdown decides who may open a session to it', async () => {
    const opens = async () =>
      (await bed.node('socat', '-u', '/dev/null', 'TCP:10.10.2.20:179,connect-timeout=2')).code === 0;
    expect(await opens()).toBe(true);
    await bed.ssh('tmsh modify net self internal allow-service delete { tcp:179 }');
    expect(await opens()).toBe(false);
    expect((await bed.node('ping', '-c', '1', '-W', '2', '10.10.2.20')).code).toBe(0);
    await bed.ssh('tmsh modify net self internal allow-service default');
    expect(await opens()).toBe(false);
    await bed.ssh('tmsh modify net self internal allow-service all');
    expect(await opens()).toBe(true);
  });

  test('gives its engine every line that it keeps, in words the engine takes, and takes all of them back', async () => {
    const before = await shown(bed, 'show running-config');
    const lines = [
      ...['bgp router-id 10.10.2.20', 'bgp log-neighbor-changes', 'bgp graceful-restart stalepath-time 360'],
      ...[
        'max-paths ebgp 8',
        'aggregate-address 10.99.0.0/16 summary-only',
        'redistribute kernel',
        'network 10.98.0.0/16',
      ],
      ...['neighbor up peer-group', 'neighbor up remote-as 65010', 'neighbor up update-source internal'],
      ...['neighbor up ebgp-multihop 2', 'neighbor up timers 3 9', 'neighbor up fall-over bfd', 'neighbor up passive'],
      ...['no neighbor up capability graceful-restart', 'no neighbor up capability route-refresh'],
      ...['neighbor up maximum-prefix 100 warning-only', 'neighbor up soft-reconfiguration inbound'],
      ...['neighbor up prefix-list PODS in', 'neighbor up route-map RM out', 'neighbor up next-hop-self'],
      ...['neighbor 10.10.2.50 peer-group up', 'neighbor 10.10.2.50 description of the uplink'],
      ...['neighbor 2001:db8::1 remote-as 64512', 'no neighbor 2001:db8::1 activate'],
      ...['address-family ipv6', 'neighbor up activate', 'no neighbor 10.10.2.50 activate', 'exit-address-family'],
      ...['ip prefix-list PODS seq 5 permit 10.53.0.0/16 ge 26 le 32', 'access-list A permit 10.0.0.0/8'],
      ...['route-map RM permit 10', 'set local-preference 200'],
    ];
    const { stdout } = await configure(bed, 'router bgp 64512', ...lines);
    expect(stdout).not.toContain('%');
    const running = await shown(bed, 'show running-config');
    expect(lines.filter((line) => !running.includes(`${line}\n`))).toEqual([]);
    // All at once, as for a bgpd that has just been started.
    await bed.restartDaemon('SIGTERM');
    expect(await shown(bed, 'show ip bgp summary')).toMatch(/^10\.10\.2\.50 /m);
    const negative = (line: string) => (line.startsWith('no ') ? line.slice('no '.length) : `no ${line}`);
    const own = lines.filter((line) => !/neighbor|address-family|route-map|local-pref|-list/.test(line));
    await configure(bed, 'router bgp 64512', 'no neighbor up remote-as');
    expect(await shown(bed, 'show ip bgp summary')).not.toContain('10.10.2.50');
    await configure(
      bed,
      ...['no ip prefix-list PODS seq 5', 'no access-list A permit 10.0.0.0/8', 'no route-map RM permit 10'],
      ...['router bgp 64512', 'no neighbor up peer-group', 'no neighbor 2001:db8::1', 'no address-family ipv6'],
      ...[...own, 'bgp log-neighbor-changes'].map(negative),
    );
    expect(await shown(bed, 'show running-config')).toBe(before);
    expect(await bed.logs()).not.toContain('bgpd refused');
  });

  // The last one: it takes BGP away.
  test('without the protocol imish says so, and no route is left', async () => {
    await bed.ssh('tmsh modify net route-domain 0 routing-protocol delete { BGP }');
    const { stdout, stderr } = await bed.ssh(imish('show running-config'));
    expect(stdout + stderr).toContain('Dynamic routing is not enabled');
    expect((await bed.unit('ip', 'route', 'show', 'proto', 'bgp')).stdout).toBe('');
    expect((await bed.unit('ss', '-Hltn', 'sport = :179')).stdout).toBe('');
  });
});

describe.skipIf(noUnit)('logging in to a unit', () => {
  let bed: Bed;
  beforeAll(async () => {
    bed = await startBed('bu-login');
  });
  afterAll(() => bed?.down());

  test.each<[string, Login]>([
    ['key', {}],
    ['password', { password: 'default' }],
  ])('root gets bash with a %s', async (_by, login) => {
    expect((await bed.ssh('echo cpaas-$((1+1)) $HOME $(hostname)', login)).stdout).toBe(
      'cpaas-2 /root bigip1.lab.example\n',
    );
  });

  test('a wrong password is refused', async () => {
    expect((await bed.ssh('true', { password: 'wrong' })).code).toBe(255);
  });

  test('admin gets tmsh: a command line is a command of tmsh', async () => {
    const admin = { user: 'admin', password: 'admin' };
    const listed = await bed.ssh('list net self internal address', admin);
    expect(listed).toMatchObject({ stdout: 'net self internal {\n    address 10.10.2.20/24\n}\n', code: 0 });
    const refused = await bed.ssh('echo cpaas-$((1+1))', admin);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('Syntax Error: unexpected argument "echo"');
    expect((await bed.ssh('run util bash -c "echo $((40+2))"', admin)).stdout).toBe('42\n');
  });

  test('a terminal shows the prompt of bash, of imish and of tmsh', async () => {
    const { stdout } = await bed.ssh('', { terminal: true, input: 'tmsh\nlist net route\nquit\nexit\n' });
    expect(stdout).toContain('[root@bigip1:Active:Standalone] config # tmsh\r\n');
    expect(stdout).toMatch(/config # exit\r\nlogout\r\n$/);
    expect(stdout).toContain('root@(bigip1)(cfg-sync Standalone)(Active)(/Common)(tmos)# ');
  });

  test('imish needs a terminal type', async () => {
    const { stderr, code } = await bed.ssh('imish -e "show version"');
    expect({ stderr, code }).toEqual({ stderr: 'Error opening terminal: unknown.\n', code: 1 });
  });

  test('its root is its own: nothing of it is seen outside, nothing of the machine is changed', async () => {
    await bed.ssh('echo mine > /config/own; echo mine > /etc/own; touch /root/own');
    expect(await bed.file('config/own')).toBe('mine\n');
    expect((await bed.ssh('cat /etc/hostname; ls /root/own')).stdout).toBe('bigip1.lab.example\n/root/own\n');
    expect((await bed.unit('ls', '/etc/own', '/root/own', '/config')).code).not.toBe(0);
    expect((await bed.unit('cat', '/proc/self/mounts')).stdout).not.toContain('bu-login/r/');
  });

  test('the serial number and the version are there to read', async () => {
    expect((await bed.ssh('tmsh show sys hardware')).stdout).toMatch(
      /Chassis Serial +[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{12}$/m,
    );
    expect((await bed.ssh('tmsh show sys version')).stdout).toMatch(/Product +BIG-IP\n +Version +16\.1\.3\n/);
    expect((await bed.ssh('tmsh list cm device')).stdout).toContain('failover-state active');
  });
});

describe.skipIf(noUnit)('switches', () => {
  const beds: Bed[] = [];
  const bed = async (name: string, switches: Parameters<typeof startBed>[1]) => {
    const made = await startBed(name, switches);
    beds.push(made);
    return made;
  };
  afterAll(async () => {
    for (const each of beds) await each.down();
  });

  test('daemonDelay: the protocol is enabled, its daemon not there yet', async () => {
    const slow = await bed('bu-slow', { daemonDelay: 5 });
    const enable = 'tmsh modify net route-domain 0 routing-protocol add { BGP }';
    // in one login: the next one may come when the delay is over
    expect((await slow.ssh(`${enable}; ${imish('show running-config')}`)).stdout).toBe(
      '% Protocol daemon is not running\n',
    );
    await until(async () => (await shown(slow, 'show running-config')).startsWith('!\n'));
  });

  test('lastCharacterLoss: a file loses the last character of each line', async () => {
    const lossy = await bed('bu-lossy', { lastCharacterLoss: true, zebos: CONFIGURATION });
    await lossy.ssh(
      'printf "router bgp 64512 \\nneighbor calico-k8s timers 30 90\\n" > /tmp/l; TERM=vt100 imish -f /tmp/l',
    );
    expect(await shown(lossy, 'show running-config | include timers')).toBe(' neighbor calico-k8s timers 30 9\n');
  });

  test('dropAfterCommands: the connection is cut', async () => {
    const flaky = await bed('bu-flaky', { dropAfterCommands: 2, routingProtocol: true });
    const { code, stdout } = await talk(flaky, 'enable', 'show version', 'show ip bgp summary', 'show version');
    expect(code).toBe(255);
    expect(stdout).not.toContain('#show ip bgp');
    expect((await flaky.ssh('tmsh list net route; echo alive')).stdout).toBe('alive\n');
  });

  test('hang: a login gets no answer', async () => {
    const silent = await bed('bu-silent', { hang: true });
    expect(await silent.ssh('echo hello', { patience: 1500 })).toMatchObject({ code: -1, stdout: '' });
  });

  test('loginShell, selfIp, lockdown, tmosRouting and zebos are what it starts with', async () => {
    const odd = await bed('bu-odd', { loginShell: 'tmsh', selfIp: 'floating', lockdown: 'none', tmosRouting: true });
    expect((await odd.ssh('list net self internal one-line')).stdout).toBe(
      'net self internal { address 10.10.2.20/24 floating enabled traffic-group traffic-group-1 vlan internal }\n',
    );
    expect((await odd.ssh('list sys db tmrouted.tmos.routing value')).stdout).toContain('value "enable"');
    expect((await odd.ssh('modify net route-domain 0 routing-protocol add { BGP }')).stderr).toContain(
      'Cannot mix routing-protocol Legacy and TMOS mode for route-domain (/Common/0).',
    );
  });
});
