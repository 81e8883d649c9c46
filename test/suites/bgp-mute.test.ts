import { afterAll, describe, expect, test } from 'vitest';
import type { RunDocument } from '../../src/core/documents.ts';
import { Workspace } from '../helpers/cpaas.ts';
import { noLab } from '../helpers/lab.ts';

/** A unit that accepts every login and then says nothing. */
const lab = new Workspace('lab-vm.yaml', 'suite-bgp-mute', (spec) => {
  Object.assign(spec.provider.lab, { servers: 1, agents: 0, switches: { hang: true } });
});

describe.skipIf(noLab).sequential('a unit that says nothing', () => {
  afterAll(() => lab.remove());

  test('is given up in time, and named, and nothing was sent', async () => {
    expect(await lab.run('lab', 'up')).toMatchObject({ code: 0 });
    const run = await lab.events('bgp', 'peer', '--no-cluster', '--timeout', '3', '-o', 'json');
    expect(run.code, run.stdout + run.stderr).toBe(2);
    const { error } = JSON.parse(run.stdout) as RunDocument;
    expect(error).toMatchObject({ code: 'HOST.TIMEOUT', message: expect.stringContaining('bigip1') });
    expect(run.events.filter((event) => event.type === 'command' && !event.reads)).toEqual([]);
  });
});
