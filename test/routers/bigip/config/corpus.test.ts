import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseConfig, renderConfig } from '../../../../src/routers/bigip/config/config.ts';
import { lineOf, undoingLineOf } from '../../../../src/routers/bigip/config/lines.ts';
import { linesOf } from '../../../../src/routers/bigip/config/order.ts';
import { typedIn } from '../../../../src/routers/bigip/config/typed-in.ts';
import { undoingLines } from '../../../../src/routers/bigip/config/undo.ts';
import { differences } from '../../../../src/routers/bigip/saving/difference.ts';
import { CLUSTER, NODES, planBeside } from '../../../helpers/beside-others.ts';

/** Running configurations of units that others had work on; the first line of each says where it comes from. */
const folder = new URL('../../../fixtures/running-configs/', import.meta.url);
const files = readdirSync(folder).map((name) => name.replace('.txt', ''));
const text = (name: string): string => {
  const whole = readFileSync(new URL(`${name}.txt`, folder), 'utf8');
  return whole.slice(whole.indexOf('\n') + 1);
};

/** All that a text configures, in order; of a password the fact that there is one. */
const configured = (shown: string): readonly string[] =>
  shown
    .split('\n')
    .map((line) => line.trimEnd().replace(/^(\s+neighbor \S+ password) .*/, '$1 …'))
    .filter((line) => !/^\s*!?$/.test(line));

const plan = (name: string) => planBeside(text(name));

const MODES = /^(router bgp \d+|address-family ipv6|exit-address-family|exit)$/;

describe.each(files)('The configuration of %s', (name) => {
  test('is printed again as it was read, line by line', () => {
    expect(configured(renderConfig(parseConfig(text(name))))).toEqual(configured(text(name)));
  });

  test.each<readonly [string, (shown: string) => string]>([
    ['with the line ends of Windows', (shown) => shown.replaceAll('\n', '\r\n')],
    ['with the line ends of a terminal behind a terminal', (shown) => shown.replaceAll('\n', '\r\r\n')],
    ['indented by tabs', (shown) => shown.replaceAll(/^ /gm, '\t')],
    [
      'between the prompts of a conversation',
      (shown) => `unit-1(cfg-sync In Sync)[0][No Name]#show running-config \r\n${shown}unit-1.example.com[0]#`,
    ],
    [
      'between the prompts of tmsh and of a shell',
      (shown) =>
        `root@(unit-1)(cfg-sync In Sync)(Active)(/Common)(tmos)# run util imish -e "show running-config"\n${shown}[root@unit-1:Active:In Sync] config # `,
    ],
    [
      'with what a pager has left on the screen',
      (shown) =>
        shown
          .split('\n')
          .map((line, at) =>
            at % 5 === 4
              ? `--More--\b\b\b\b\b\b\b\b        \b\b\b\b\b\b\b\b${line}`
              : at % 5 === 3
                ? ` --More-- \r          \r${line}`
                : line,
          )
          .join('\n'),
    ],
  ])('is the same %s', (_, disturbed) => {
    expect(parseConfig(disturbed(text(name)))).toEqual(parseConfig(text(name)));
  });

  test('is not touched by a push but for lines of the cluster’s neighbors, group and lists', () => {
    const { changes, wanted, ...ordering } = plan(name);
    const ours = new Set([...wanted].map(([key, value]) => lineOf({ key, value })));
    const replaced = new Set(
      changes.flatMap(({ key, from }) => (from === undefined ? [] : [undoingLineOf({ key, value: from })])),
    );
    const foreign = linesOf(changes, ordering).filter(
      (line) =>
        !MODES.test(line) && !ours.has(line) && !replaced.has(line) && !line.endsWith(` description cpaas:${CLUSTER}`),
    );
    expect(foreign).toEqual([]);
  });

  test('keeps every line of others, and is whole again after the undoing', () => {
    const { changes, wanted, ...ordering } = plan(name);
    const { current } = ordering;
    const pushed = typedIn(current, linesOf(changes, ordering));
    const mine = (line: string) =>
      NODES.some((node) => line.includes(`neighbor ${node} `)) || line.includes('calico-k8s');
    const removed = differences(current, pushed, { from: 'before', to: 'after' }).flatMap((each) => each.removed);
    expect(removed.filter((line) => !mine(line))).toEqual([]);
    const undone = typedIn(pushed, undoingLines(changes, ordering));
    expect(differences(current, undone, { from: 'before', to: 'undone' })).toEqual([]);
  });
});

test('A neighbor that somebody else has made stands in the way, and the same address in a VRF or another view does not', () => {
  const found = files.flatMap((name) => plan(name).conflicts.map(({ key, why }) => `${name}: ${key}: ${why}`));
  expect(found).toEqual([
    'vrf: neighbor 172.19.0.3 peer-group: neighbor 172.19.0.3 is there already with remote-as 64512, not peer-group calico-k8s',
  ]);
});
