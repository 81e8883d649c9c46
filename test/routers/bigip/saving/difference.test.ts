import { expect, test } from 'vitest';
import { parseConfig } from '../../../../src/routers/bigip/config/config.ts';
import { differences } from '../../../../src/routers/bigip/saving/difference.ts';
import { transcript } from '../../../helpers/transcript.ts';

const names = { from: 'running', to: 'wanted' };
const text = transcript('bigip-running-config-ipv6');
const between = (from: string, to: string) => differences(parseConfig(from), parseConfig(to), names);

test('a configuration does not differ from itself, nor from one whose lines stand in another order', () => {
  expect(between(text, text)).toEqual([]);
  const lines = ['router bgp 1', ' timers bgp 3 9', ' neighbor 10.0.0.1 remote-as 2'];
  const [head = '', ...body] = lines;
  expect(between([...lines, 'end'].join('\n'), [head, ...body.reverse(), 'end'].join('\n'))).toEqual([]);
});

test('what stands on a unit that nobody has configured is no difference', () => {
  expect(between(transcript('bigip-running-config-empty'), '!\nend\n')).toEqual([]);
});

test('each context has a diff of its own: the same line may stand in several', () => {
  const changed = text
    .replace(' address-family ipv6\n neighbor Neighbor activate\n', ' address-family ipv6\n')
    .replace(' redistribute kernel\n', ' redistribute kernel\n timers bgp 3 9\n')
    .replace(/^end$/m, 'ip prefix-list cpaas-a-pods seq 5 permit 10.53.0.0/16 le 32\nend');
  const found = between(text, changed);
  expect(found.map(({ context, removed, added }) => ({ context, removed, added }))).toEqual([
    { context: 'router bgp', removed: [], added: ['timers bgp 3 9'] },
    { context: 'address-family ipv6', removed: ['neighbor Neighbor activate'], added: [] },
    { context: 'prefix-lists', removed: [], added: ['ip prefix-list cpaas-a-pods seq 5 permit 10.53.0.0/16 le 32'] },
  ]);
  expect(found[1]?.patch).toMatchInlineSnapshot(`
    "--- running: address-family ipv6
    +++ wanted: address-family ipv6
    @@ -1,3 +1,2 @@
    -neighbor Neighbor activate
     no neighbor 10.0.0.68 activate
     no neighbor 10.0.0.68 capability graceful-restart
    "
  `);
});

test('no secret is shown, of lines that are nobody’s neither', () => {
  const secret =
    'router bgp 1\n neighbor 10.0.0.1 remote-as 2\n neighbor 10.0.0.1 password hunter2\nkey chain x\n key-string hunter2\nend\n';
  const shown = JSON.stringify(between('end\n', secret));
  expect(shown).toContain('neighbor 10.0.0.1 password');
  expect(shown).not.toContain('hunter2');
});
