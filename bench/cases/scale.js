import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const needsRoot = false;

const SMALL = { nodes: 10, routers: 10 };
const MIDDLE = { nodes: 100, routers: 10 };
const LARGE = { nodes: 1000, routers: 10 };
const RUN = fileURLToPath(new URL('../scale-run.js', import.meta.url));

/** Each size in a process of its own, so that its memory is its own. */
function sized({ nodes, routers }) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--expose-gc', RUN, `${nodes}`, `${routers}`], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

/** What cpaas itself takes for a cluster of 1,000 nodes, 4,000 blocks and 10 routers, from answers as real ones print them. */
export function measure() {
  const [small, middle, large] = [SMALL, MIDDLE, LARGE].map(sized);
  const growth = (what, one, other, times) => other[what].seconds / one[what].seconds / times;
  return ['plan', 'up', 'status'].flatMap((what) => [
    { what: `${what}, 1,000 nodes, 4,000 blocks, 10 routers`, value: large[what].seconds, unit: ' s CPU', most: 4 },
    { what: `${what}, memory held at most`, value: large[what].megabytes, unit: ' MB', most: 300 },
    { what: `${what}, for each node, 1,000 / 10 nodes`, value: growth(what, small, large, 100), unit: '', most: 1 },
    { what: `${what}, for each node, 1,000 / 100 nodes`, value: growth(what, middle, large, 10), unit: '', most: 1.3 },
  ]);
}
