import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const needsRoot = true;

const VITEST = fileURLToPath(new URL('../../node_modules/vitest/vitest.mjs', import.meta.url));
const TESTS = 'Docker 28.*(up goes from the file|a second up)';

/** The real k3d on a real engine, by its suite; from the logs of its first `up` and of the one after it. */
export function measure() {
  const folder = mkdtempSync(join(tmpdir(), 'cpaas-bench-'));
  try {
    spawnSync(process.execPath, [VITEST, 'run', '--project', 'docker', '-t', TESTS], {
      env: { ...process.env, CPAAS_RUN_LOGS: folder },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const [log] = readdirSync(folder)
      .filter((name) => name.endsWith('.log'))
      .sort();
    if (log === undefined) {
      console.error('k3d: left out: see why with scripts/test-docker');
      return [];
    }
    const first = readFileSync(join(folder, log), 'utf8');
    const [, again] = JSON.parse(readFileSync(join(folder, 'calls.json'), 'utf8')).filter(({ verb }) => verb === 'up');
    return [
      {
        what: 'up from nothing, cpaas itself: no program runs, no gate is waited at',
        value: outside(ANYBODY, first),
        unit: ' s',
        most: 5,
      },
      {
        what: 'up from nothing, with kubectl, calicoctl and the unit',
        value: outside(OTHERS, first),
        unit: ' s',
      },
      { what: 'up from nothing, all of it', value: spanOf(first), unit: ' s' },
      { what: 'up with nothing to do, 4 nodes in containers', value: again.seconds, unit: ' s', most: 4 },
    ];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const timeOf = (line) => Date.parse(line.slice(0, line.indexOf(' '))) / 1000;
const linesOf = (log) => log.split('\n').filter((line) => /^\d{4}-/.test(line));
const spanOf = (log) => timeOf(linesOf(log).at(-1)) - timeOf(linesOf(log)[0]);

/** What others took: `here $ k3d cluster create …   9.6 s`, `Cluster: nodes and Calico after 1.0 s`. */
const OTHERS =
  /(?: \$ (?:k3d|docker) .* |: (?:nodes and Calico|sessions and routes) after )(?:(\d+) min )?([\d.]+) s(?:, ended with \d+)?$/;

/** Every program that was run, on whatever machine. */
const ANYBODY =
  /(?: \$ .* |: (?:nodes and Calico|sessions and routes) after )(?:(\d+) min )?([\d.]+) s(?:, ended with \d+)?$/;

/** The run's time without the time in which these ran, or a gate was waited at; what went on meanwhile is theirs, too. */
function outside(pattern, log) {
  const spans = linesOf(log).flatMap((line) => {
    const [, minutes = 0, seconds] = pattern.exec(line) ?? [];
    return seconds === undefined ? [] : [[timeOf(line) - Number(minutes) * 60 - Number(seconds), timeOf(line)]];
  });
  let others = 0;
  let until = 0;
  for (const [from, to] of spans.sort(([one], [other]) => one - other)) {
    others += Math.max(0, to - Math.max(from, until));
    until = Math.max(until, to);
  }
  return spanOf(log) - others;
}
