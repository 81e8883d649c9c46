import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseProtocols } from '../../src/kube/bird-protocols.ts';
import { capture, withCaptures } from '../helpers/captures.ts';

describe('BGP sessions in what BIRD shows', () => {
  withCaptures('BIRD 1.6 of a real calico-node', () => {
    const sessions = parseProtocols(capture('birdcl_show_protocols_all.txt'));
    expect(sessions?.map(({ name, peer, state }) => `${name} ${peer} ${state}`)).toEqual([
      'Mesh_172_28_0_2 172.28.0.2 Established',
      'Mesh_172_28_0_4 172.28.0.4 Established',
      'Mesh_172_28_0_3 172.28.0.3 Established',
      'Global_172_28_0_253 172.28.0.253 Established',
      'Global_172_28_0_254 172.28.0.254 Established',
    ]);
    expect(sessions?.[3]).toEqual({
      name: 'Global_172_28_0_253',
      peer: '172.28.0.253',
      neighborAs: 65010,
      state: 'Established',
      since: '23:04:34',
    });
  });

  withCaptures('without details the state is still known', () => {
    const sessions = parseProtocols(capture('birdcl_show_protocols.txt'));
    expect(sessions).toHaveLength(5);
    expect(sessions?.[0]).toEqual({ name: 'Mesh_172_28_0_2', state: 'Established', since: '23:04:34' });
  });

  test('BIRD 2: established, refused, disabled, passive', () => {
    const text = readFileSync('test/fixtures/transcripts/birdc-2.0.12-show-protocols-all.txt', 'utf8');
    expect(parseProtocols(text)).toEqual([
      {
        name: 'Global_127_0_0_3',
        peer: '127.0.0.3',
        neighborAs: 64512,
        localAs: 64512,
        state: 'Established',
        since: '03:33:42.036',
      },
      {
        name: 'Global_127_0_0_9',
        peer: '127.0.0.9',
        neighborAs: 65001,
        localAs: 64512,
        state: 'Active',
        since: '03:33:41.253',
        error: 'Socket: Connection refused',
      },
      {
        name: 'Mesh_127_0_0_8',
        peer: '127.0.0.8',
        neighborAs: 64512,
        localAs: 64512,
        state: 'Down',
        since: '03:33:41.253',
      },
      {
        name: 'Mesh_127_0_0_7',
        peer: '127.0.0.7',
        neighborAs: 64512,
        localAs: 64512,
        state: 'Passive',
        since: '03:33:41.253',
      },
    ]);
  });

  const header = 'BIRD 2.15 ready.\nName       Proto      Table      State  Since         Info\n';

  test('a session since yesterday has a date', () => {
    const text = `${header}Global_a   BGP        ---        up     2026-11-22 23:04:34  Established\n`;
    expect(parseProtocols(text)?.[0]).toMatchObject({ state: 'Established', since: '2026-11-22 23:04:34' });
  });

  test.each([
    ['Global_a   BGP        ---        up     03:33:42.036  Etabliert'],
    ['Global_a   BGP        ---        start  03:33:42.036  Established'],
    ['Global_a   BGP        ---        flush  03:33:42.036'],
    ['Global_a   BGP        garbage'],
  ])('%s is not taken for Established', (line) => {
    expect(parseProtocols(`${header}${line}\n`)?.[0]).toMatchObject({ name: 'Global_a', state: 'unknown' });
  });

  test.each(['', 'Cannot connect to server control socket', '<html>'])('%j is no list of sessions', (text) => {
    expect(parseProtocols(text)).toBeUndefined();
  });
});
