import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Context, ZebosConfig } from '../../../../src/lab/bigip/zebos/config.ts';
import { edit, load } from '../../../../src/lab/bigip/zebos/editing.ts';
import { runningConfig } from '../../../../src/lab/bigip/zebos/running-config.ts';
import { parseConfig } from '../../../../src/routers/bigip/config/config.ts';
import { linesOf } from '../../../../src/routers/bigip/config/order.ts';
import { typedIn } from '../../../../src/routers/bigip/config/typed-in.ts';
import { undoingLines } from '../../../../src/routers/bigip/config/undo.ts';
import { differences } from '../../../../src/routers/bigip/saving/difference.ts';
import { besideOthers, NODES, ownedBy, planBeside } from '../../../helpers/beside-others.ts';
import { zebosText } from '../../../helpers/zebos-texts.ts';

/** Without what the lab's ZebOS does not know: it would take their lines for those of where it is. */
const withoutUnknown = (text: string): string =>
  text
    .replaceAll(/ address-family (?!ipv6$)[^!]*? exit-address-family\n/gm, '')
    .replaceAll(/^(router ospf|router bgp \S+ view|ip vrf|key chain)[^!]*/gm, '');

/** A unit as strict as the lab's: it refuses what ZebOS would, and prints in the order of ZebOS. */
function unit(text: string) {
  let config: ZebosConfig = load(withoutUnknown(text).split('\n'));
  return {
    shown: () => runningConfig(config),
    /** Returns what was said to lines that were refused. */
    type(lines: readonly string[]): readonly string[] {
      let context: Context = { at: 'config' };
      return lines.flatMap((line) => {
        // imish takes it as a way out, which the session knows and the configuration does not
        if (line === 'exit') context = { at: 'config' };
        const edited = line === 'exit' ? { config, context } : edit({ config, context }, line);
        ({ config, context } = edited);
        const said = 'said' in edited ? edited.said : undefined;
        return said === undefined ? [] : [`${line}: ${said}`];
      });
    },
  };
}

const isOurs = (line: string): boolean =>
  NODES.some((node) => line.includes(`neighbor ${node} `)) ||
  /neighbor calico-k8s |prefix-list cpaas-lab1-(pods|nothing)(-ipv6)? /.test(line);

/** What the cluster may add for the process, which is nobody's alone. */
const SHARED =
  /^( bgp graceful-restart restart-time 120|router bgp 64512|bgp extended-asn-cap| address-family ipv6| exit-address-family| ?!|)$/;
const others = (text: string): readonly string[] =>
  text.split('\n').filter((line) => !isOurs(line) && !SHARED.test(line));

describe('Beside whatever others have on a unit', () => {
  test('a cluster is added without a refused line, touches no other, is whole at the second look, and is taken back to the last byte', () => {
    fc.assert(
      fc.property(zebosText, (text) => {
        const device = unit(text);
        const found = device.shown();
        const { changes, conflicts, wanted: _, ...ordering } = planBeside(found);
        expect(conflicts).toEqual([]);
        expect(device.type(linesOf(changes, ordering))).toEqual([]);
        const pushed = device.shown();
        expect(others(pushed)).toEqual(others(found));
        for (const owned of [new Map(), ownedBy(changes)])
          expect(besideOthers(parseConfig(pushed), owned)).toMatchObject({ changes: [], conflicts: [] });
        device.type(undoingLines(changes, ordering));
        expect(withoutEmptyFamily(device.shown())).toBe(withoutEmptyFamily(found));
      }),
      { numRuns: 100 },
    );
  });

  test('a push that was cut off anywhere is taken back to the last byte', () => {
    fc.assert(
      fc.property(zebosText, fc.nat(60), (text, cut) => {
        const device = unit(text);
        const found = device.shown();
        const { changes, wanted: _, ...ordering } = planBeside(found);
        device.type(linesOf(changes, ordering).slice(0, cut));
        device.type(undoingLines(changes, ordering));
        expect(withoutEmptyFamily(device.shown())).toBe(withoutEmptyFamily(found));
      }),
      { numRuns: 100 },
    );
  });

  test('what is said to be wanted is what a push makes, also where a unit has what the lab does not know', () => {
    fc.assert(
      fc.property(zebosText, (text) => {
        const { changes, conflicts, wanted, ...ordering } = planBeside(text);
        expect(conflicts).toEqual([]);
        const pushed = typedIn(ordering.current, linesOf(changes, ordering));
        const removed = differences(ordering.current, pushed, { from: 'a', to: 'b' }).flatMap((each) => each.removed);
        expect(removed).toEqual([]);
        expect(besideOthers(pushed)).toMatchObject({ changes: [], conflicts: [] });
        expect(besideOthers(pushed).wanted).toEqual(wanted);
        const undone = typedIn(pushed, undoingLines(changes, ordering));
        expect(differences(ordering.current, undone, { from: 'a', to: 'b' })).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });
});

/** Once entered a family stays, with nothing in it. */
const withoutEmptyFamily = (text: string): string =>
  text.replace(' !\n address-family ipv6\n exit-address-family\n', '');
