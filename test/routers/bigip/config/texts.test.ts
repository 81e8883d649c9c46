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

  const BANNERS = ['', 'Welcome\n!\nend\n!\n', 'Welcome\n!\nend\n', '  !\n  end\n'];
  test('is not whole when it was cut off anywhere, whatever has an `end` there or in the banner', () => {
    fc.assert(
      fc.property(
        zebosText,
        fc.nat(),
        fc.constantFrom(...BANNERS),
        fc.constantFrom('', ' end\n', '  end\n'),
        (text, cut, banner, end) => {
          const rows = text.trimEnd().split('\n').slice(0, -1);
          const begun = rows.slice(0, cut % (rows.length + 1)).map((row) => `${row}\n`);
          expect(isWhole(`${banner}${begun.join('')}${end}`)).toBe(false);
        },
      ),
      { numRuns: 400 },
    );
  });

  test('is whole with an `end` inside of a block, and has what stands behind that', () => {
    fc.assert(
      fc.property(zebosText, (text) => {
        const shown = text.replaceAll(/^router bgp .*$/gm, '$&\n end');
        expect(isWhole(shown)).toBe(true);
        expect(parseConfig(shown).lines.filter((line) => line.text !== 'end')).toEqual(parseConfig(text).lines);
      }),
    );
  });

  test('is none where its neighbors are not indented, nor where two of them stand', () => {
    fc.assert(
      fc.property(zebosText, (text) => {
        const left = text.replaceAll(/^ +/gm, '');
        expect(isWhole(left)).toBe(!/^(no )?neighbor |^address-family /m.test(left));
        expect(isWhole(`${text}${text}`)).toBe(false);
      }),
    );
  });
});
