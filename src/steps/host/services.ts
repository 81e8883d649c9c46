import { z } from 'zod';
import { defineStep } from '../../core/define-step.ts';
import { CpaasError } from '../../core/errors.ts';
import { reading } from '../../core/reading.ts';
import type { Command, ElementChange } from '../../core/step.ts';
import { parseServices, showServices } from '../../host/services.ts';
import { Within } from '../../host/within.ts';

const Place = z.strictObject({ host: z.string(), set: z.string(), title: z.string(), within: Within });
export type HostServicesPlace = z.infer<typeof Place>;

const ENABLED = ' enabled';
const STARTED = ' started';

/** The wish for a unit that runs, and is started with the machine. */
export const running = (unit: string): readonly (readonly [string, true])[] => [
  [`${unit}${ENABLED}`, true],
  [`${unit}${STARTED}`, true],
];

/** Units of systemd: that they are started with the machine, and that they run. */
export const hostServices = defineStep<HostServicesPlace, true>({
  kind: 'host.services',
  place: Place,
  value: z.literal(true),
  undo: 'down',
  id: ({ host, set }) => `${host}/${set}`,
  title: ({ title }) => title,
  host: ({ host }) => host,
  within: ({ within }) => within,
  claim: () => 'take',
  describe: ({ key, to }) => (to ? key : key.endsWith(STARTED) ? `${unitOf(key)} stopped` : `${unitOf(key)} disabled`),
  risk: ({ key, to }) =>
    !to && key.endsWith(STARTED) ? { risk: 'disruptive', why: `${unitOf(key)} is stopped` } : { risk: 'additive' },

  async read(ctx, { host }, keys) {
    if (keys.size === 0) return new Map();
    const units = [...new Set([...keys].map(unitOf))];
    const { stdout } = await ctx.host(host).query(reading(showServices(units)));
    const states = parseServices(stdout, units);
    const holds = (key: string) => states.get(unitOf(key))?.[key.endsWith(STARTED) ? 'active' : 'enabled'] ?? false;
    return new Map([...keys].filter(holds).map((key) => [key, { value: true }]));
  },

  commands: (_, changes) => changes.map(commandOf),

  async write(ctx, { host }, changes) {
    const machine = ctx.host(host);
    for (const change of changes) {
      const { code, stderr } = await machine.run(commandOf(change).argv, { codes: FAILURES, timeout: START });
      if (code === 0) continue;
      const unit = unitOf(change.key);
      const words = reading(['journalctl', '-q', '-n', '5', '-o', 'cat', '-u', unit], { codes: [1] });
      const journal = (await machine.query(words)).stdout.split('\n').filter(Boolean);
      throw new CpaasError('HOST.SERVICE', `${machine.name}: ${unit} does not do as it is told`, {
        evidence: [
          { label: 'answer', text: stderr.trim().split('\n')[0] ?? '' },
          ...journal.map((text) => ({ label: 'journal', text })),
        ],
        next: [{ label: 'see why', command: `systemctl status ${unit}; journalctl -u ${unit}` }],
      });
    }
  },
});

/** Milliseconds: services that have much to do take their time. */
const START = 180_000;
const FAILURES = [1, 3, 4, 5];

const unitOf = (key: string): string => key.slice(0, key.lastIndexOf(' '));

function commandOf({ key, to }: ElementChange<true>): Command {
  const verb = key.endsWith(STARTED) ? (to ? 'start' : 'stop') : to ? 'enable' : 'disable';
  return { argv: ['systemctl', verb, ...(key.endsWith(STARTED) ? [] : ['-q']), unitOf(key)] };
}
