import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type DockerNetwork, dockerNetwork } from '../../../src/steps/docker/network.ts';
import { fakeContext } from '../../helpers/fake-host.ts';
import { FakeK3d } from '../../helpers/fake-k3d.ts';
import { stepLaws } from '../../helpers/step-laws.ts';

const place = { host: 'local', cluster: 'cpaas1' };
const wanted: DockerNetwork = {
  driver: 'bridge',
  subnet: '172.19.0.0/16',
  gateway: '172.19.0.1',
  bridge: 'br-cpaas1',
  unprotected: true,
};
const wish = (network: DockerNetwork, name = 'k3d-cpaas1') => [[name, network]] as const;
const step = dockerNetwork(place, wish(wanted));

stepLaws('docker.network', {
  step: dockerNetwork,
  place,
  world: () => {
    const here = new FakeK3d();
    return { machines: { [place.host]: here.machine }, power: here.power, dump: () => here.dump() };
  },
  wishes: [wish(wanted), wish({ ...wanted, subnet: '172.21.0.0/16', gateway: '172.21.0.1' }, 'another')],
});

describe('a network of Docker', () => {
  test('it is made with a device of its own name, and let through from 28.0 on', () => {
    const change = { key: 'k3d-cpaas1', from: undefined, before: undefined, cause: 'wanted' as const };
    expect(step.commands([{ ...change, to: wanted }]).map(({ argv }) => argv.join(' '))).toEqual([
      'docker network create --driver=bridge --subnet=172.19.0.0/16 --gateway=172.19.0.1 --opt=com.docker.network.bridge.name=br-cpaas1 --opt=com.docker.network.bridge.gateway_mode_ipv4=nat-unprotected --label=cpaas.dev/cluster=cpaas1 k3d-cpaas1',
    ]);
    expect(step.commands([{ ...change, to: { ...wanted, unprotected: false } }])[0]?.argv.join(' ')).not.toContain(
      'mode',
    );
  });

  test('somebody else’s network of this name is a conflict', () => {
    expect(step.claim('k3d-cpaas1', { value: wanted, mark: 'other' }, wanted, false)).toEqual({
      conflict: "somebody else's Docker network is called k3d-cpaas1 (172.19.0.0/16): remove or rename it",
    });
  });

  test('ours with another subnet is a conflict that says what to do; made by an older Docker it will do', () => {
    const other = { ...wanted, subnet: '172.20.0.0/16' };
    expect(step.claim('k3d-cpaas1', { value: other, mark: 'ours' }, wanted, true)).toEqual({
      conflict: expect.stringContaining('cpaas down first'),
    });
    const older = { ...wanted, unprotected: false };
    expect(step.claim('k3d-cpaas1', { value: older, mark: 'ours' }, wanted, true)).toBe('leave');
  });

  test('what Docker refuses is told in its words', async () => {
    const here = new FakeK3d();
    const to = { ...wanted, subnet: '172.30.0.0/16' };
    const change = { key: 'k3d-cpaas1', from: undefined, to, before: undefined, cause: 'wanted' as const };
    await expect(step.write(fakeContext({ local: here.machine }), [change])).rejects.toMatchObject({
      code: 'DOCKER.NETWORK',
      evidence: [{ label: 'answer', text: expect.stringContaining('Pool overlaps') }],
    });
  });

  test('an engine that does not answer is told as that; without Docker there is nothing', async () => {
    const docker = (code: number, stderr: string) => ({ name: 'here', programs: { docker: () => ({ code, stderr }) } });
    const read = (machine: ReturnType<typeof docker>) => step.read(fakeContext({ local: machine }), new Set());
    // of docker 28.5.2 and 29.9.3 where the socket is not there
    for (const answer of [
      'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?',
      'failed to connect to the docker API at unix:///var/run/docker.sock; check if the path is correct and if the daemon is running: dial unix /var/run/docker.sock: connect: no such file or directory',
    ])
      await expect(read(docker(1, answer))).rejects.toMatchObject({ code: 'DOCKER.UNREACHABLE' });
    expect(await read(docker(127, 'docker: command not found'))).toEqual(new Map());
  });

  test('what Docker 29 tells of its network is read', async () => {
    const machine = {
      name: 'here',
      programs: {
        docker: ([, verb]: readonly string[]) =>
          verb === 'ls' ? 'k3d-kd29\n' : readFileSync('test/fixtures/docker-29/network.json', 'utf8'),
      },
    };
    const there = await dockerNetwork({ ...place, cluster: 'kd29' }, []).read(
      fakeContext({ local: machine }),
      new Set(),
    );
    expect(there.get('k3d-kd29')).toEqual({ value: { ...wanted, bridge: 'br-kd29' }, mark: 'ours' });
  });

  test('an answer that is no JSON is told as that', async () => {
    const machine = { name: 'here', programs: { docker: () => '[{"Name":' } };
    const read = step.read(fakeContext({ local: machine }), new Set(['k3d-cpaas1']));
    await expect(read).rejects.toMatchObject({ code: 'DOCKER.ANSWER' });
  });
});
