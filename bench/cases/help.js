import { cpaasHelp, pair, run } from '../measure.js';

export const needsRoot = false;

/** What starting costs: modules are loaded only when their verb is called. */
export async function measure() {
  const [help, node] = await pair(25, cpaasHelp, () => run(process.execPath, '-e', '0'));
  return [
    { what: 'node -e 0', value: node * 1000, unit: ' ms' },
    { what: 'cpaas --help', value: help * 1000, unit: ' ms' },
    { what: 'cpaas --help / node -e 0', value: help / node, unit: '', most: 1.6 },
  ];
}
