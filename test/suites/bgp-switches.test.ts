import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { UnitSwitches } from '../../src/config/unit-switches.ts';
import type { RunDocument } from '../../src/core/documents.ts';
import { labShell } from '../../src/lab/labs.ts';
import { labLayout } from '../../src/lab/layout.ts';
import { Workspace } from '../helpers/cpaas.ts';
import { noLab, until } from '../helpers/lab.ts';

/** A unit that somebody had work on before, in words that cpaas does not know. */
const THEIRS = [
  'access-list MGMT permit 10.0.0.0/8',
  'route-map LOCAL permit 10',
  'router bgp 64512',
  'redistribute kernel route-map LOCAL',
  'neighbor 10.10.2.9 remote-as 65009',
  'neighbor 10.10.2.9 description uplink',
  'neighbor 10.10.2.9 route-map LOCAL out',
];

/** root may not log in to an appliance, and nobody gets a shell. */
const admin = (host: string) => ({ host, user: 'admin', identityFiles: [labLayout('i4-switches').identity] });
const SHELLLESS = ['tmsh', 'appliance', 'strict'];

interface Case {
  readonly switches: UnitSwitches;
  /** What the file says of the unit besides. */
  readonly bigip?: Readonly<Record<string, unknown>>;
  readonly asNumber?: number;
  /** The code that the unit's part of the run ends with; it ends well when left out. */
  readonly code?: string | RegExp;
}

/** One unit for each switch, or for a few that do not meet. The text of what a unit shows of a push is in its own tests. */
const CASES: Readonly<Record<string, Case>> = {
  plain: { switches: {} },
  banner: {
    switches: { loginBanner: 'Authorized use only: $(reboot)', promptStates: ['Active:In Sync', 'Standby:x'] },
  },
  named: { switches: { hostname: 'a-unit.in-a-very-long-domain.of-the.lab.example', promptSpace: true } },
  'one-space': { switches: { configBanner: 'one-space', pager: 'always' } },
  'no-banner': { switches: { configBanner: 'none', pager: 'stubborn', unknownCommand: true } },
  picky: { switches: { remarks: true, strictAsn: true }, asNumber: 4_200_000_001 },
  wrapped: { switches: { wrapEcho: true, silentPipe: true, wrappedRows: true, columns: 'other' } },
  shared: { switches: { execKeepsMode: true } },
  closed: { switches: { lockdown: 'none' } },
  open: { switches: { lockdown: 'all' } },
  defaults: { switches: { lockdown: 'default' } },
  listed: { switches: { lockdown: ['tcp:179', 'udp:520'] } },
  domain: { switches: { routeDomain: 7 }, bigip: { routeDomain: 7 } },
  late: { switches: { daemonDelay: 2 } },
  theirs: { switches: { zebos: THEIRS, passwords: 'encrypted' } },
  respelled: {
    switches: {
      respell: {
        'neighbor calico-k8s remote-as 64512': 'neighbor calico-k8s remote-as 0.64512',
        'neighbor 172.19.0.2 description cpaas:i4-switches': '',
      },
    },
  },
  big: { switches: { bulk: 10_000 } },
  slow: { switches: { bytesPerSecond: 2_000 } },
  standby: { switches: { ha: 'standby', sync: 'Changes Pending', version: '21.0.0' } },
  tmsh: { switches: { loginShell: 'tmsh' } },
  appliance: { switches: { applianceMode: true }, bigip: { ssh: admin('appliance') } },
  strict: {
    switches: { applianceMode: true, respell: { 'neighbor calico-k8s remote-as 64512': '' } },
    bigip: { ssh: admin('strict') },
    code: 'BGP.NOT_IN_FORCE',
  },
  asks: { switches: { enablePassword: 'let-me-in' }, code: 'DEVICE.PASSWORD' },
  wrong: {
    switches: {
      respell: { 'neighbor calico-k8s remote-as 64512': 'neighbor calico-k8s remote-as 6451' },
      lastCharacterLoss: true,
    },
    code: 'BGP.NOT_IN_FORCE',
  },
  full: { switches: { fullDisk: true }, code: /NOT_SAVED/ },
  unlicensed: { switches: { unlicensed: true }, code: 'BIGIP.LICENCE' },
  intruded: {
    switches: { routingProtocol: true, intruder: { afterReads: 3, lines: ['router bgp 65001'] } },
    code: /^(BGP.CHANGED|STEP.CONFLICT)$/,
  },
  cut: { switches: { dropAfterCommands: 30 }, bigip: { revertAfter: 5 }, code: 'HOST.UNREACHABLE' },
  torn: {
    switches: { dropAfterBytes: 3_000 },
    bigip: { revertAfter: 5 },
    code: /^(DEVICE\.CLOSED|HOST\.UNREACHABLE)$/,
  },
  stuck: { switches: { stallAfterCommands: 20 }, code: /TIMEOUT$/ },
};

/** Units on which nothing may be begun: the code of each is in the plan, or what could not be read is. */
const REFUSED: Readonly<Record<string, Case>> = {
  guest: { switches: { loginShell: 'tmsh', role: 'guest' }, code: 'BIGIP.LOGIN' },
  operator: { switches: { loginShell: 'tmsh', role: 'operator' }, code: 'BIGIP.LOGIN' },
  next: { switches: { product: 'BIG-IP Next', version: '20.3.0' }, code: 'BIGIP.PRODUCT' },
  biq: { switches: { product: 'BIG-IQ', version: '8.3.0' }, code: 'BIGIP.PRODUCT' },
  old: { switches: { version: '12.1.6' }, code: 'BIGIP.PRODUCT' },
  nowhere: { switches: { selfIp: 'missing' }, code: 'BIGIP.SELF_IP' },
  floats: { switches: { selfIp: 'floating' }, code: 'BIGIP.SELF_IP' },
  elsewhere: { switches: { routeDomain: 7 }, code: 'BIGIP.SELF_IP' },
  'no-domain': { switches: {}, bigip: { routeDomain: 9 }, code: 'BIGIP.ROUTE_DOMAIN' },
  tmos: { switches: { tmosRouting: true }, code: 'BIGIP.ROUTING_MODE' },
};

/** A unit keeps its address, whoever else is in the file. */
const NAMES = Object.keys({ ...CASES, ...REFUSED });
const entry = ([name, { bigip, asNumber }]: readonly [string, Case]) => ({
  name,
  address: `10.10.2.${30 + NAMES.indexOf(name)}`,
  ...(bigip ? { bigip } : {}),
  ...(asNumber ? { asNumber } : {}),
});
const lab = new Workspace('lab-vm.yaml', 'i4-switches', (spec) => {
  // whoever intrudes counts the looks: his unit comes later
  const { intruded: _, ...others } = CASES;
  const all = Object.entries({ ...others, ...REFUSED });
  const routers = Object.fromEntries(all.map(([name, { switches }]) => [name, switches]));
  Object.assign(spec.provider.lab, { servers: 1, agents: 0, switches: { routers } });
  spec.routers = all.map(entry);
});

/** Dozens of units are logged in to at once. */
const PATIENCE = ['--timeout', '40'];

const shown = (name: string, routeDomain = 0): Promise<string> =>
  lab.unit(name, `imish -r ${routeDomain} -e "show running-config"`, 'ls /var/tmp');
/** The same where root may not log in. imish wants a terminal, which tmsh does not make. */
async function asAdmin(name: string): Promise<string> {
  const [program = '', ...words] = await labShell(lab.name, name);
  const login = words.flatMap((word) => (word === 'root@127.0.0.1' ? ['-tt', 'admin@127.0.0.1'] : [word]));
  const { stdout } = await execa(program, [...login, "imish -r 0 -e 'show running-config'"], { stdin: 'ignore' });
  return stdout;
}
const FIRST = ['no service password-encryption', 'line con 0', ' login', 'line vty 0 39', ' login', 'end'];
const OURS = /neighbor 172\.19\.0\.2 peer-group calico-k8s/;

describe.skipIf(noLab).sequential('units that behave otherwise', () => {
  const failures = new Map<string, string>();
  const warnings: string[] = [];
  /** What each unit has in force after the run. */
  const configs = new Map<string, string>();
  beforeAll(async () => {
    expect(await lab.run('lab', 'up')).toMatchObject({ code: 0 });
  });
  afterAll(() => lab.remove());

  test('those that cannot be used are all named, each with its cause, and nothing is sent to any', async () => {
    const refused = await lab.events('bgp', 'peer', '--no-cluster', ...PATIENCE, '-o', 'json');
    const plan = await lab.plan(...PATIENCE);
    const found = plan.phases.flatMap(({ steps }) =>
      steps.flatMap(({ host, why, conflicts = [] }) => [
        ...conflicts.map(({ code }) => [host, code]),
        ...(why?.includes('no way to a shell') ? [[host, 'BIGIP.LOGIN']] : []),
        ...(why?.includes('has no tmsh') ? [[host, 'BIGIP.PRODUCT']] : []),
      ]),
    );
    expect(Object.fromEntries(found.reverse())).toEqual(
      Object.fromEntries(Object.entries(REFUSED).map(([name, { code }]) => [name, code])),
    );
    expect(refused.code).toBe(2);
    expect(refused.events.filter((event) => event.type === 'command' && !event.reads)).toEqual([]);
  });

  describe('in one run without those', () => {
    beforeAll(async () => {
      lab.edit((spec) => {
        spec.provider.lab['switches'] = {
          routers: Object.fromEntries(Object.entries(CASES).map(([name, { switches }]) => [name, switches])),
        };
        spec.routers = Object.entries(CASES).map(entry);
      });
      expect(await lab.run('lab', 'up')).toMatchObject({ code: 0 });
      const run = await lab.events('bgp', 'peer', '--no-cluster', ...PATIENCE, '-o', 'json');
      expect(run.code, run.stdout).toBe(2);
      for (const event of run.events) if (event.type === 'warning') warnings.push(event.text);
      for (const event of run.events)
        if (event.type === 'step.failed') failures.set(event.host, (event.error as { code: string }).code);
      const { error } = JSON.parse(run.stdout) as RunDocument;
      if (error?.message.includes('full: what')) failures.set('full', 'BIGIP.NOT_SAVED');
      const look = ([name, { bigip }]: readonly [string, Case]) =>
        until(async () => {
          const config = await shown(name, Number(bigip?.['routeDomain'] ?? 0));
          configs.set(name, config);
          // a unit that takes a change back by itself is at work as long as this is there
          return !/\bcpaas-bgp-rd\d+$/m.test(config);
        });
      // logins that get tmsh are none to look from: what was saved tells, too
      await Promise.all(
        Object.entries(CASES)
          .filter(([name]) => !SHELLLESS.includes(name))
          .map(look),
      );
    });

    const good = Object.entries(CASES).filter(([, { code }]) => code === undefined);
    const bad = Object.entries(CASES).filter(
      ([name, { code }]) => code !== undefined && !['full', 'strict'].includes(name),
    );

    test.each(good)('%s is configured', (name) => {
      expect(failures.get(name)).toBeUndefined();
      const config = SHELLLESS.includes(name) ? lab.savedBgp(name) : configs.get(name);
      expect(config).toMatch(OURS);
      expect(config).not.toContain('cpaas-bgp');
    });

    test('one whose pair waits for a config-sync is told, once', () => {
      const said = 'standby (standby) says "Changes Pending" of its pair: changes wait for config-sync';
      expect(warnings.filter((text) => text.includes('pair'))).toEqual([expect.stringContaining(said)]);
    });

    test('what somebody had there before is there still, line by line', () => {
      for (const line of THEIRS) expect(configs.get('theirs')).toContain(line);
    });

    test('what a login without a shell made is taken back from here, and it was said before that it would be', async () => {
      expect(failures.get('strict')).toBe('BGP.NOT_IN_FORCE');
      expect((await asAdmin('strict')).split(/\r?\n/).filter((line) => !/^!?$/.test(line))).toEqual(FIRST);
      for (const name of ['appliance', 'strict'])
        expect(warnings).toContainEqual(expect.stringContaining(`${name} gives this login no bash: it cannot take`));
    });

    test('what cannot be saved is told as such', () => expect(failures.get('full')).toBe('BIGIP.NOT_SAVED'));

    test.each(bad)('%s ends with its own error, and as it was before', (name, { code }) => {
      expect(failures.get(name)).toMatch(code ?? '');
      const left = (configs.get(name) ?? '')
        .split('\n')
        .filter((line) => !/^(!?|router bgp 65001|cpaas-bgp-rd0\.last)$/.test(line));
      // without BGP there is nothing to show
      expect(left).toEqual(name === 'unlicensed' ? [] : FIRST);
    });
  });
});
