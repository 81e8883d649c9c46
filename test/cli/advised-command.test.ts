import { expect, test } from 'vitest';
import { advisedCommand } from '../../src/cli/advised-command.ts';
import { runCpaas } from '../helpers/run-cpaas.ts';

const file = 'examples/lab-vm.yaml';

test.for([
  ['cpaas up', { file }, 'cpaas up -f examples/lab-vm.yaml'],
  ['cpaas plan', { file: 'my site.yaml', stateDir: '/s' }, "cpaas plan -f 'my site.yaml' --state-dir /s"],
  ['cpaas down', { cluster: 'site1' }, 'cpaas down --cluster site1'],
  ['cpaas down', { cluster: 'site1', file }, 'cpaas down -f examples/lab-vm.yaml'],
  ['cpaas kubectl -- get nodes -o wide', { file }, 'cpaas kubectl -f examples/lab-vm.yaml -- get nodes -o wide'],
  ['cpaas plan -f PATH', { file }, 'cpaas plan -f PATH'],
  ['cpaas explain STEP.CONFLICT', { file }, 'cpaas explain STEP.CONFLICT'],
  ['ssh root@10.1.20.11', { file }, 'ssh root@10.1.20.11'],
  ['cpaas up', {}, 'cpaas up'],
] as const)('%s with %j is advised as %s', ([command, cluster, advised]) => {
  expect(advisedCommand(command, cluster)).toBe(advised);
});

test('a command that is advised can be copied: it has the file of the call, however that was given', async () => {
  for (const words of [
    ['-f', '/no/file.yaml', 'plan'],
    ['plan', '--file=/no/file.yaml'],
  ])
    expect((await runCpaas(words)).stderr).toContain('cpaas init -f /no/file.yaml');
});
