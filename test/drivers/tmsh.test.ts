import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CpaasError } from '../../src/core/errors.ts';
import { parseTmsh, properties, tmshList, tmshShow, words } from '../../src/drivers/tmsh.ts';

const lines = `net self external {
    address 10.1.10.20/24
    allow-service {
        tcp:ssh
        tcp:bgp
    }
    description "the \\"outer\\" one }"
    vlan external
}
net self /Common/internal {
    allow-service none
}
`;
const oneLine =
  'net self external { address 10.1.10.20/24 allow-service { tcp:ssh tcp:bgp } description "the \\"outer\\" one }" vlan external }\nnet self /Common/internal { allow-service none }\n';

test('objects in lines and on one line are the same', () => {
  expect(parseTmsh(lines, ['net self'])).toEqual(parseTmsh(oneLine, ['net self']));
});

test('an object has its name and its properties', () => {
  const [external, internal] = parseTmsh(oneLine, ['net self']);
  expect(external?.name).toBe('external');
  expect(internal?.name).toBe('internal');
  const found = properties(external?.block ?? []);
  expect({ ...found }).toEqual({
    address: '10.1.10.20/24',
    'allow-service': ['tcp:ssh', 'tcp:bgp'],
    description: 'the "outer" one }',
    vlan: 'external',
  });
  expect(words(properties(internal?.block ?? [])['allow-service'])).toEqual([]);
});

test('what tmsh says of an API before it lists is no part of the list', () => {
  const notice = '[api-status-warning] net/routing/bgp is early_access\n';
  expect(parseTmsh(notice, ['net routing bgp'])).toEqual([]);
  const [bgp] = parseTmsh(`${notice}net routing bgp bgp_rd0 { local-as 65541 }\n`, ['net routing bgp']);
  expect(bgp?.name).toBe('bgp_rd0');
});

test('a property without a value is no reason to misread the next', () => {
  const [route] = parseTmsh('net route nowhere { blackhole network 10.8.0.0/16 }', ['net route']);
  expect({ ...properties(route?.block ?? []) }).toEqual({ blackhole: 'blackhole', network: '10.8.0.0/16' });
});

test('an object of another type is not taken for one that was asked for', () => {
  expect(() => parseTmsh('ltm pool a { }', ['net self'])).toThrow('tmsh gave an answer that cpaas cannot read');
});

test('a cut answer is refused, not read as less', () => {
  for (let end = 1; end < oneLine.length - 1; end++) {
    const cut = () => parseTmsh(oneLine.slice(0, end), ['net self']);
    if (oneLine.slice(0, end).trim().endsWith('external }')) expect(cut()).toHaveLength(1);
    else if (end !== oneLine.length - 1) expect(cut).toThrow(CpaasError);
  }
});

test('any text is read or refused', () => {
  const text = fc.string({ unit: fc.constantFrom('net self', ' ', '{', '}', '"', '\\', 'a', '\n') });
  fc.assert(
    fc.property(text, (shown) => {
      try {
        parseTmsh(shown, ['net self']);
      } catch (error) {
        expect(error).toBeInstanceOf(CpaasError);
      }
    }),
  );
});

test('questions come without a pager, one object a line', () => {
  expect(tmshList('net', 'self').join(' ')).toBe('tmsh -q list net self one-line');
  expect(tmshShow('sys', 'version').join(' ')).toBe('tmsh -q show sys version');
});
