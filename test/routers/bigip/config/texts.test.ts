import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isWhole } from '../../../../src/routers/bigip/change/running.ts';
import { parseConfig, renderConfig } from '../../../../src/routers/bigip/config/config.ts';
import { disturbed } from '../../../helpers/disturbed-texts.ts';
import { zebosText } from '../../../helpers/zebos-texts.ts';

/** All that a text configures, in order; of a password the fact that there is one. */
const configured = (shown: string): readonly string[] =>
  shown
    .split('\n')
    .map((line) => line.trimEnd().replace(/^(\s+(?:no )?neighbor \S+ password) .*/, '$1 …'))
    .filter((line) => !/^\s*!?$/.test(line));

describe('Any configuration of ZebOS', () => {
  test('is printed again as it was read, line by line', () => {
    fc.assert(
      fc.property(zebosText, (text) => {
        expect(configured(renderConfig(parseConfig(text)))).toEqual(configured(text));
      }),
      { numRuns: 200 },
    );
  });

  test('printed again is read as the same, and printed as the same', () => {
    fc.assert(
      fc.property(zebosText, (text) => {
        const once = renderConfig(parseConfig(text));
        expect(parseConfig(once)).toEqual(parseConfig(text));
        expect(renderConfig(parseConfig(once))).toBe(once);
      }),
      { numRuns: 200 },
    );
  });

  test('is the same, and whole, whatever a conversation, a terminal or a page has done to it', () => {
    fc.assert(
      fc.property(
        zebosText.chain((text) => fc.tuple(fc.constant(text), disturbed(text))),
        ([text, shown]) => {
          expect(parseConfig(shown)).toEqual(parseConfig(text));
          expect(isWhole(shown)).toBe(true);
        },
      ),
      { numRuns: 400 },
    );
  });
});
