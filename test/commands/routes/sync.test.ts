import { expect, test } from 'vitest';
import { routesAlone } from '../../../src/commands/routes/sync.ts';
import type { Facts } from '../../../src/core/facts.ts';
import type { Holding } from '../../../src/core/journal.ts';
import { phase } from '../../../src/core/plan.ts';
import { hostRoutes, route } from '../../../src/steps/host/routes.ts';
import { hostSysctl } from '../../../src/steps/host/sysctl.ts';

const place = { host: 'vm', cluster: 'c1', range: '10.53.0.0/16' };
const routes = (...prefixes: readonly string[]) =>
  hostRoutes(
    place,
    prefixes.map((prefix) => route(prefix, '172.19.0.2')),
  );
const held = (...keys: readonly string[]) => ({
  holding: () => ({ elements: new Map(keys.map((key) => [key, {}])) }) as unknown as Holding,
});
const planned = (step: ReturnType<typeof routes>) => ({
  name: 'c1',
  phases: [
    phase('Cluster', 20, []),
    phase('Routers', 50, [hostSysctl({ host: 'bigip1', cluster: 'c1' }, [])], { needs: ['Cluster'] }),
    phase('Host routes', 60, [step], { needs: ['Cluster'] }),
  ],
});

test('only the host routes and what they need are looked at: no router is asked', () => {
  expect(routesAlone(planned(routes()), held()).phases.map(({ name }) => name)).toEqual(['Cluster', 'Host routes']);
});

test('a cluster without a single pod block is not believed while there are routes', async () => {
  const stepsOf = (step: ReturnType<typeof routes>, journal: ReturnType<typeof held>) =>
    routesAlone(planned(step), journal)
      .phases.at(-1)
      ?.steps({} as Facts);
  await expect(stepsOf(routes(), held('10.53.0.0/26'))).rejects.toMatchObject({ code: 'FACTS.EMPTY' });
  await expect(stepsOf(routes(), held())).resolves.toHaveLength(1);
  await expect(stepsOf(routes('10.53.1.0/26'), held('10.53.0.0/26'))).resolves.toHaveLength(1);
});
