import { expect, test } from 'vitest';
import { phase } from '../../src/core/plan.ts';
import type { ElementChange, Step } from '../../src/core/step.ts';
import { planDocument } from '../../src/engine/plan-document.ts';
import { World } from '../helpers/world.ts';

const CHANGE: ElementChange = { key: 'a', from: undefined, to: 'x', before: undefined, cause: 'wanted' };

test('a plan shows each command as it goes to the login that is there, without those that it cannot run', () => {
  const world = new World();
  const step = world.kind({ place: 'u1' }, [['a', 'x']]);
  const asked: Step = {
    ...step,
    commands: () => [{ argv: ['sh', '-c', 'arms'] }, { argv: ['tmsh', 'save'] }, { host: 'vm', argv: ['ip', 'route'] }],
  };
  const { engine } = world;
  const put = ([program, ...words]: readonly string[]) => (program === 'tmsh' ? words : undefined);
  const host = (name: string) => ({ name, ...(name === 'u1' ? { put } : {}) }) as never;
  const found = {
    phases: [{ phase: phase('P', 1, [asked]), looked: [{ step: asked, found: { changes: [CHANGE], conflicts: [] } }] }],
    leftovers: { asked: [], inside: [] },
  };
  const { phases } = planDocument('w', found as never, { ...engine, ctx: { ...engine.ctx, host } });
  expect(phases[0]?.steps[0]?.commands).toEqual([
    { host: 'u1', argv: ['save'] },
    { host: 'vm', argv: ['ip', 'route'] },
  ]);
});
