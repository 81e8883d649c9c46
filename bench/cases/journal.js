import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileJournal } from '../../dist/state/journal.js';
import { pair } from '../measure.js';

export const needsRoot = false;

const RUNS = 10_000;
const PLACE = {
  step: 'host.routes:vm/10.53.0.0/16',
  kind: 'host.routes',
  place: { host: 'vm', cluster: 'bench', range: '10.53.0.0/16' },
  host: 'vm',
  within: undefined,
  phase: { name: 'Host routes', rank: 60 },
};
const KEY = '10.53.0.0/26';

/** One run that moves a route, as a journal keeps it. */
function run(journal, id, from, to) {
  journal.begin({ run: id, command: 'routes sync', user: 'bench', machine: 'bench' });
  journal.intend(PLACE, [{ key: KEY, before: undefined, from, to, cause: 'wanted' }]);
  journal.settle(PLACE.step, [KEY]);
  journal.end('applied');
}

/** What opening a journal and one run on it cost after 10,000 runs, and after one. */
export async function measure() {
  const folder = mkdtempSync(join(tmpdir(), 'cpaas-bench-'));
  try {
    const [young, old] = ['young', 'old'].map((name) => join(folder, name));
    run(fileJournal(young), 'run-0', undefined, { via: '172.19.0.2', protocol: '201' });
    const one = readFileSync(young, 'utf8');
    writeFileSync(old, Array.from({ length: RUNS }, (_, at) => one.replaceAll('run-0', `run-${at}`)).join(''));
    let next = RUNS;
    const again = (path) => () =>
      run(
        fileJournal(path),
        `run-${next++}`,
        { via: '172.19.0.2', protocol: '201' },
        { via: '172.19.0.3', protocol: '201' },
      );
    // no journal becomes so long: its beginning is put away at every MiB. This one is made so, and put away by one run
    const start = performance.now();
    again(old)();
    const putAway = performance.now() - start;
    const [late, early] = await pair(9, again(old), again(young));
    return [
      { what: 'open the journal and write a run, after 1 run', value: early * 1000, unit: ' ms' },
      { what: 'the same after 10,000 runs', value: late * 1000, unit: ' ms', most: early * 1000 + 100 },
      { what: 'the run that puts 10,000 runs away', value: putAway, unit: ' ms', most: 3000 },
    ];
  } finally {
    rmSync(folder, { recursive: true });
  }
}
