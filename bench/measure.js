import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const median = (values) => values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)];

/** Seconds that something takes. */
export async function seconds(act) {
  const start = performance.now();
  await act();
  return (performance.now() - start) / 1000;
}

/** Medians of two things in seconds, done in turns so that whatever else the machine does meets both. `after` is in no time. */
export async function pair(times, one, other, after = () => {}) {
  const taken = [[], []];
  for (let at = 0; at < times; at++) {
    for (const [which, act] of [one, other].entries()) {
      taken[which].push(await seconds(act));
      after();
    }
  }
  return taken.map(median);
}

const BIN = fileURLToPath(new URL('../bin/cpaas.js', import.meta.url));

export function run(program, ...args) {
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8' });
  if (error) throw error;
  if (status !== 0) throw new Error(`${[program, ...args].join(' ')} ended with ${status}:\n${stdout}${stderr}`);
  return stdout;
}

/** A lab of its own, with a state folder of its own; `cpaas` runs the program on it. Everything is gone afterwards. */
export async function onLab(suffix, spec, act) {
  const name = `${process.env.CPAAS_BENCH_PREFIX ?? 'bench'}-${suffix}`;
  const folder = mkdtempSync(join(tmpdir(), 'cpaas-bench-'));
  const file = join(folder, 'cpaas.yaml');
  const cluster = { apiVersion: 'cpaas.dev/v1alpha1', kind: 'Cluster', metadata: { name }, spec };
  writeFileSync(file, JSON.stringify(cluster));
  const cpaas = (...args) => run(process.execPath, BIN, '-f', file, '--state-dir', join(folder, 'state'), ...args);
  try {
    return await act(cpaas, name);
  } finally {
    run(process.execPath, BIN, 'lab', 'down', name);
    rmSync(folder, { recursive: true });
  }
}

export const cpaasHelp = () => run(process.execPath, BIN, '--help');
