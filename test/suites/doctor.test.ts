import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DoctorDocument } from '../../src/core/documents.ts';
import { labLayout } from '../../src/lab/layout.ts';
import { Workspace } from '../helpers/cpaas.ts';
import { noLab } from '../helpers/lab.ts';
import { expectApplied } from '../helpers/outcomes.ts';

const lab = new Workspace('lab-vm.yaml', 'suite-doctor', ({ provider }) => {
  Object.assign(provider.lab, { servers: 1, agents: 0 });
});
const unit = (...lines: readonly string[]) => lab.unit('bigip1', ...lines);
const kubectl = (...words: readonly string[]) =>
  lab.inside('vm', 'kubectl', '--kubeconfig', labLayout(lab.name).kubeconfig, ...words);

/** What somebody has done, what has to be found of it, and how it is put right. */
interface Broken {
  readonly how: string;
  breaks(): Promise<unknown>;
  readonly code: string;
  readonly subject: RegExp;
  readonly evidence: RegExp;
  heals(): Promise<unknown>;
}

let address = '';

const afterUp: readonly Broken[] = [
  {
    how: 'port lockdown closed',
    breaks: () => unit('tmsh modify net self internal allow-service none'),
    code: 'DOCTOR.LOCKDOWN',
    subject: /^bigip1: self-IP internal$/,
    evidence: /^drift: .*tcp:bgp/m,
    heals: () => lab.up(),
  },
  {
    how: 'forwarding rule gone',
    breaks: async () => {
      const rules = await lab.inside('vm', 'iptables', '-t', 'raw', '-S');
      const rule = rules.split('\n').find((line) => line.includes('cpaas:')) ?? '';
      await lab.inside('vm', 'sh', '-c', `iptables -t raw ${rule.replace(/^-A/, '-D')}`);
    },
    code: 'DOCTOR.FORWARDING',
    subject: /^suite-doctor-vm: Forwarding/,
    evidence: /^drift: /m,
    heals: () => lab.up(),
  },
  {
    how: 'node speaks from another address',
    breaks: async () => {
      address = await kubectl(
        'get',
        'node',
        'server-0',
        '-o',
        'jsonpath={.metadata.annotations.projectcalico\\.org/IPv4Address}',
      );
      await kubectl('annotate', '--overwrite', 'node', 'server-0', 'projectcalico.org/IPv4Address=192.168.77.5/24');
    },
    code: 'DOCTOR.ADDRESS',
    subject: /^node server-0$/,
    evidence: /BIRD speaks from 192\.168\.77\.5, outside of the node network 172\.19\.0\.0\/16/,
    heals: () => kubectl('annotate', '--overwrite', 'node', 'server-0', `projectcalico.org/IPv4Address=${address}`),
  },
];

const onNothing: readonly Broken[] = [
  {
    how: 'another AS on the unit',
    breaks: () =>
      unit(
        'tmsh modify net route-domain 0 routing-protocol add { BGP }',
        'printf "enable\\nconfigure terminal\\nrouter bgp 65099\\nend\\n" | imish',
      ),
    code: 'DOCTOR.AS',
    subject: /^bigip1: .*router bgp/,
    evidence: /65099/,
    // enabled again, it would come back
    heals: () =>
      unit(
        'printf "enable\\nconfigure terminal\\nno router bgp 65099\\nend\\nwrite\\n" | imish',
        'tmsh modify net route-domain 0 routing-protocol none',
      ),
  },
  {
    how: 'TMOS routing mode',
    breaks: () => unit('tmsh modify sys db tmrouted.tmos.routing value enable'),
    code: 'DOCTOR.MODE',
    subject: /^bigip1: conditions on the unit: routing mode/,
    evidence: /tmos|tmsh/i,
    heals: () => unit('tmsh modify sys db tmrouted.tmos.routing value disable'),
  },
];

/** Both what is wrong and that it is said of the right thing; and nothing any more when it is put right. */
async function found({ breaks, code, subject, evidence, heals }: Broken): Promise<void> {
  await breaks();
  const report = await lab.document<DoctorDocument>('doctor');
  expect(report.code).toBe(5);
  expect(report.findings).toContainEqual(
    expect.objectContaining({
      code,
      subject: expect.stringMatching(subject),
      evidence: expect.stringMatching(evidence),
      fix: expect.stringMatching(/\S/),
    }),
  );
  await heals();
}

describe.skipIf(noLab).sequential('doctor finds on a lab', () => {
  beforeAll(async () => {
    lab.warm = true;
    expect(await lab.run('lab', 'up')).toMatchObject({ code: 0 });
  });
  afterAll(() => lab.remove());

  test.each(onNothing)('$how', (broken) => found(broken));

  test('nothing where nothing is wrong', async () => {
    expectApplied(await lab.up());
    expect(await lab.document<DoctorDocument>('doctor')).toMatchObject({ code: 0, findings: [] });
  });

  test.each(afterUp)('$how', (broken) => found(broken));

  test('nothing any more, once all of it is put right', async () => {
    expect(await lab.up()).toMatchObject({ code: 0 });
    // the session that was begun from another address has to come up again
    await expect
      .poll(() => lab.document<DoctorDocument>('doctor'), { timeout: 60_000, interval: 500 })
      .toMatchObject({ code: 0, findings: [] });
  });
});
