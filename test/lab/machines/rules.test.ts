import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { dockerRules } from '../../../src/lab/machines/docker-rules.ts';
import { amend } from '../../../src/lab/machines/rules.ts';

const CAPTURE = '../shared/data/captures/k3d-calico-3.31/iptables-save-docker-20.10.txt';
const network = {
  bridge: 'br-8b93e6232c78',
  subnet: '172.28.0.0/16',
  containers: [{ address: '172.28.0.3', published: { port: 6443, hostPort: 36281 } }, { address: '172.28.0.4' }],
};
const docker = dockerRules('28.2', network);

/** What `iptables-save` would print of these rules. */
const saved = (tables: Record<string, { chains: string[]; rules: string[] }>) =>
  Object.entries(tables)
    .map(([table, { chains, rules }]) =>
      [`*${table}`, ...chains.map((chain) => `:${chain} - [0:0]`), ...rules, 'COMMIT'].join('\n'),
    )
    .join('\n');

describe("Docker's rules", () => {
  test.skipIf(!existsSync(CAPTURE))(
    'of 20.10 are word for word and in their order those that a real engine printed',
    () => {
      const real = readFileSync(CAPTURE, 'utf8').split('\n');
      const rules = dockerRules('20.10', network);
      for (const wanted of [rules.filter?.rules ?? [], rules.nat?.rules ?? []])
        for (const chain of new Set(wanted.map((rule) => rule.split(' ')[1]))) {
          const ours = wanted.filter((rule) => rule.startsWith(`-A ${chain} `));
          expect(real.filter((line) => ours.includes(line))).toEqual(ours);
        }
    },
  );

  test('guard published ports in 28.0, every container from 28.2 on', () => {
    expect(dockerRules('28.0', network).raw?.rules).toEqual([
      '-A PREROUTING -d 172.28.0.3/32 ! -i br-8b93e6232c78 -p tcp -m tcp --dport 6443 -j DROP',
    ]);
    expect(docker.raw?.rules).toEqual([
      '-A PREROUTING -d 172.28.0.3/32 ! -i br-8b93e6232c78 -j DROP',
      '-A PREROUTING -d 172.28.0.4/32 ! -i br-8b93e6232c78 -j DROP',
    ]);
  });
});

describe('amend', () => {
  const standing = {
    raw: { chains: [], rules: [...(docker.raw?.rules ?? [])] },
    nat: { chains: ['DOCKER'], rules: [...(docker.nat?.rules ?? [])] },
    filter: { chains: [...(docker.filter?.chains ?? [])], rules: [...(docker.filter?.rules ?? [])] },
  };

  test('has nothing to say where all is as wanted, among rules of others', () => {
    const foreign = {
      ...standing,
      raw: { chains: ['X'], rules: ['-A PREROUTING -j X', ...standing.raw.rules, '-A X -j ACCEPT'] },
    };
    expect(amend({ saved: saved(foreign), before: docker, wanted: docker, policies: false })).toBeUndefined();
  });

  test('makes what is missing, and sets policies only when told', () => {
    const text = amend({ saved: '', before: {}, wanted: docker, policies: true });
    expect(text).toContain(':FORWARD DROP [0:0]\n:DOCKER - [0:0]\n');
    expect(text?.match(/^-A/gm)).toHaveLength(17);
    expect(amend({ saved: '', before: {}, wanted: docker, policies: false })).not.toContain('FORWARD DROP');
  });

  test('appends a chain anew where one of its rules is missing: order counts', () => {
    const broken = { ...standing, filter: { ...standing.filter, rules: standing.filter.rules.slice(1) } };
    expect(amend({ saved: saved(broken), before: docker, wanted: docker, policies: false })).toBe(
      [
        '*filter',
        '-D FORWARD -j DOCKER-FORWARD',
        '-A FORWARD -j DOCKER-USER',
        '-A FORWARD -j DOCKER-FORWARD',
        'COMMIT',
        '',
      ].join('\n'),
    );
  });

  test('takes away what was meant before and is no longer, a chain only when it holds nothing of others', () => {
    const used = {
      ...standing,
      filter: { ...standing.filter, rules: [...standing.filter.rules, '-A DOCKER-USER -j ACCEPT'] },
    };
    const text = amend({ saved: saved(used), before: docker, wanted: {}, policies: false });
    expect(text).toContain('-D PREROUTING -d 172.28.0.4/32 ! -i br-8b93e6232c78 -j DROP');
    expect(text).toContain('-X DOCKER-CT');
    expect(text).not.toContain('-X DOCKER-USER');
    expect(text).not.toContain('-D DOCKER-USER');
  });
});
