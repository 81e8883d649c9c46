import { expect, test } from 'vitest';
import type { Event } from '../../../src/core/events.ts';
import type { Holding, RunRecord } from '../../../src/core/journal.ts';
import { ranSteps } from '../../../src/session/run/ran-steps.ts';
import { recoveryFrom } from '../../../src/session/run/recovery.ts';

const step = (name: string, host: string, phase = 'Routers') => ({ step: name, title: `the ${name}`, host, phase });
const held = (name: string, settled: boolean): Holding => ({
  ...{ step: name, kind: 'k', place: {}, host: 'h', within: undefined, phase: { name: 'P', rank: 1, turn: 0 } },
  elements: new Map([['key', { before: undefined, meant: 1, ours: [1], settled }]]),
  unclosed: undefined,
});
const record = { run: 'r', command: 'up', started: '', user: 'u', machine: 'm', places: [] } as const;
const changes = [{ step: 'bgp', key: 'key', from: undefined, to: 1, settled: false }];

function left(events: readonly Event[], runs: readonly RunRecord[], holdings: readonly Holding[] = [], again = true) {
  const steps = ranSteps('up');
  for (const event of events) steps.hear(event);
  const journal = { runs: () => runs, holdings: () => holdings };
  return recoveryFrom(steps, {
    run: 'r',
    command: 'up',
    journal,
    phases: ['Calico', 'Routers', 'Host routes'],
    again,
    as: (line) => line,
  });
}

const start = (phase: string, ...steps: readonly ReturnType<typeof step>[]): Event => ({
  ...{ type: 'phase.start', phase, by: 'phase' },
  steps,
});

test('what failed half-way says what is done, begun and not done, and leads on and back', () => {
  const [peers, self, bgp, route] = [
    step('peers', 'vm', 'Calico'),
    step('self-IP', 'bigip1'),
    step('bgp', 'bigip1'),
    step('route', 'bigip1'),
  ];
  const applied = { type: 'step.applied', changes: [], lines: [], seconds: 1 } as const;
  const events: readonly Event[] = [
    start('Calico', peers),
    { ...applied, ...peers },
    start('Routers', self, bgp, route),
    { ...applied, ...self },
    { type: 'step.failed', error: new Error('refused'), seconds: 1, ...bgp },
    { type: 'step.released', keys: ['10.0.0.0/8'], why: 'changed by somebody else since: left as found', ...route },
  ];
  expect(left(events, [{ ...record, changes }], [held('peers', true), held('bgp', false)])).toEqual({
    state: [
      { label: 'done', text: 'vm: the peers\nbigip1: the self-IP' },
      { label: 'begun', text: 'bigip1: the bgp; the journal knows what may be there' },
      { label: 'not done', text: 'bigip1: the route\nHost routes' },
      { label: 'left', text: '10.0.0.0/8 on bigip1: changed by somebody else since: left as found' },
    ],
    next: [
      { label: 'goes on from here', command: 'cpaas up' },
      { label: 'undoes this run', command: 'cpaas rollback r' },
    ],
  });
});

test('a call whose words are wrong is not advised again', () => {
  expect(left([], [], [], false).next).toEqual([]);
});

test('what changed nothing says so, and there is nothing to undo', () => {
  expect(left([], [])).toEqual({
    state: [{ label: 'state', text: 'nothing was changed' }],
    next: [{ label: 'goes on from here', command: 'cpaas up' }],
  });
});
