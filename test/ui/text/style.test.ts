import { expect, test } from 'vitest';
import { graphText } from '../../../src/ui/screens/graph.ts';
import { clip, table, wrap } from '../../../src/ui/text/columns.ts';
import { duration } from '../../../src/ui/text/duration.ts';
import { environmentOf } from '../../../src/ui/text/environment.ts';
import { viewOf } from '../../../src/ui/text/renderer.ts';
import { plainStyle, styleFor } from '../../../src/ui/text/style.ts';
import { nodes, sessions } from '../screens/documents.ts';

const terminal = { isTTY: true, columns: 100 };

test('colour is for terminals, unless somebody says otherwise', () => {
  const color = (stream: object, env: Record<string, string>, noColor = false) =>
    environmentOf(stream, env, { noColor }).color;
  expect(color(terminal, {})).toBe(true);
  expect(color({}, {})).toBe(false);
  expect(color(terminal, { NO_COLOR: '1' })).toBe(false);
  expect(color(terminal, { NO_COLOR: '' })).toBe(true);
  expect(color(terminal, { TERM: 'dumb' })).toBe(false);
  expect(color({}, { FORCE_COLOR: '1' })).toBe(true);
  expect(color(terminal, { FORCE_COLOR: '0' })).toBe(false);
  expect(color(terminal, { FORCE_COLOR: '1' }, true)).toBe(false);
});

test('a terminal without UTF-8 gets ASCII, and what was aligned stays so', async () => {
  const document = {
    cluster: 'c',
    routers: [{ name: 'bigip1', address: '10.10.2.20', asNumber: 64512 }],
    gateway: { name: 'vm', address: '10.10.2.10' },
    nodes,
    sessions,
  };
  expect(graphText(document, await viewOf({}, { LC_ALL: 'C' }))).toMatchInlineSnapshot(`
    "bigip1 10.10.2.20  AS 64512
    \`- vm 10.10.2.10
       |- server-0  172.19.0.2  10.53.194.192/26  2 pods  * Established
       |- agent-0   172.19.0.3  10.53.86.64/26    2 pods  * Established
       \`- agent-1   172.19.0.4  -                         o Active 00:01:04"
  `);
});

test('the locale decides about UTF-8', () => {
  const unicode = (env: Record<string, string>) => environmentOf({}, env).unicode;
  expect(unicode({ LANG: 'de_DE.UTF-8' })).toBe(true);
  expect(unicode({ LANG: 'de_DE.UTF-8', LC_ALL: 'C' })).toBe(false);
  expect(unicode({})).toBe(true);
  expect(unicode({ LANG: 'en_US.utf8', TERM: 'linux' })).toBe(false);
});

test('a colour paints one text, also when it is handed to map', async () => {
  const { done } = await styleFor({ color: true, unicode: true });
  expect(['a', 'b'].map(done)).toEqual(['\u001b[32ma\u001b[39m', '\u001b[32mb\u001b[39m']);
});

test('columns line up by what a terminal shows, not by letters', () => {
  const lines = table(
    ['A', 'B'],
    [
      ['日本', 'x'],
      ['●', 'y'],
      ['abcd', 'z'],
    ],
    { style: plainStyle, width: 80 },
  );
  expect(lines).toEqual(['A     B', '日本  x', '●     y', 'abcd  z']);
});

test('a last column without room is wrapped under itself', () => {
  const lines = table(['A', 'WHY'], [['a', 'one two three four five six seven']], { style: plainStyle, width: 30 });
  expect(lines).toEqual(['A  WHY', 'a  one two three four five six', '   seven']);
});

test('cut text says that it was cut', () => {
  expect(clip('router bgp 64512', 10)).toBe('router bg…');
  expect(clip('日本語', 5)).toBe('日本…');
  expect(wrap('one two', 20)).toEqual(['one two']);
});

test('durations read as people say them', () => {
  expect([0, 0.04, 11.42, 59.96, 125, 3720].map(duration)).toEqual([
    '0.0 s',
    '0.0 s',
    '11.4 s',
    '1 min 00 s',
    '2 min 05 s',
    '1 h 02 min',
  ]);
});
