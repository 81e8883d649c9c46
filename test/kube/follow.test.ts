import { expect, test } from 'vitest';
import type { Reader } from '../../src/core/context.ts';
import { CpaasError } from '../../src/core/errors.ts';
import type { ReadCommand } from '../../src/core/reading.ts';
import type { Query } from '../../src/core/transport.ts';
import { routeNews } from '../../src/facts/cluster/route-news.ts';
import { answered, type Followed, follow, Kept } from '../../src/kube/follow.ts';
import type { KubeObject } from '../../src/kube/kubectl.ts';

const ACCESS = { host: 'vm', kubeconfig: '/k' };
const FOLLOWED: Followed = {
  path: '/api/v1/nodes',
  digest: ({ metadata }) => metadata.labels?.['at'] ?? '',
};

const object = (name: string, at: string, noise = 0) => ({ metadata: { name, labels: { at, noise: `${noise}` } } });
const event = (type: string, what: unknown): string => JSON.stringify({ type, object: what });

type Ending = 'ends' | 'is cut off' | 'is refused';
interface Session {
  readonly list: readonly unknown[] | CpaasError;
  readonly watch?: readonly string[];
  readonly ending?: Ending;
}

/** An API that answers as told: a list, then what its watch says. After the last session Ctrl-C is pressed. */
async function played(sessions: readonly Session[], followed = FOLLOWED) {
  const stop = new AbortController();
  const heard = {
    changed: 0,
    trouble: [] as (string | undefined)[],
    waits: [] as number[],
    asked: [] as string[],
    most: 0,
  };
  const kept = new Kept();
  let at = -1;
  const pages = (items: readonly unknown[], token: string | undefined) => {
    const start = Number(token ?? 0);
    const next = start + 2 < items.length ? `${start + 2}` : undefined;
    return JSON.stringify({
      metadata: { resourceVersion: `${at}`, ...(next ? { continue: next } : {}) },
      items: items.slice(start, start + 2),
    });
  };
  const url = ({ argv }: ReadCommand): URL => new URL(argv.find((word) => word.startsWith('/api')) ?? '', 'http://api');
  const machine: Partial<Query> = {
    name: 'vm',
    query: async (command) => {
      const token = url(command).searchParams.get('continue') ?? undefined;
      if (token === undefined) at++;
      heard.asked.push(`list ${token ?? ''}`.trim());
      const session = sessions[at];
      if (!session) {
        stop.abort(new Error('Ctrl-C'));
        throw stop.signal.reason;
      }
      if (session.list instanceof CpaasError) throw session.list;
      return { stdout: pages(session.list, token), stderr: '', code: 0 };
    },
    follow: async function* (command) {
      heard.asked.push(`watch ${url(command).searchParams.get('resourceVersion')}`);
      for (const line of sessions[at]?.watch ?? []) {
        yield line;
        heard.most = Math.max(heard.most, kept.size);
      }
      const ending = sessions[at]?.ending ?? 'ends';
      if (ending === 'ends') return;
      const text = ending === 'is refused' ? 'Error from server (Forbidden): nodes is forbidden' : 'unexpected EOF';
      throw new CpaasError('HOST.COMMAND', 'vm: kubectl ended with code 1', { evidence: [{ label: 'answer', text }] });
    },
  };
  const ctx = { host: () => machine as Query } as unknown as Reader;
  const options = {
    signal: stop.signal,
    changed: () => heard.changed++,
    trouble: (error: CpaasError | undefined) => heard.trouble.push(error?.code),
    pause: async (wait: number) => void heard.waits.push(wait),
  };
  await expect(follow(ctx, ACCESS, followed, kept, options)).rejects.toThrow('Ctrl-C');
  return { ...heard, kept, trouble: heard.trouble.filter((code) => code !== undefined) };
}

test('lists page by page, watches from there, and is told what matters and nothing else', async () => {
  const { changed, asked, kept } = await played([
    {
      list: [object('a', '1'), object('b', '1'), object('c', '')],
      watch: [
        event('MODIFIED', object('a', '1', 7)),
        event('BOOKMARK', { metadata: { resourceVersion: '9' } }),
        event('MODIFIED', object('a', '2')),
        event('DELETED', object('b', '1')),
        event('ADDED', object('d', '')),
      ],
    },
  ]);
  expect(asked.slice(0, 3)).toEqual(['list', 'list 2', 'watch 0']);
  // the first list, a's move, b's end
  expect(changed).toBe(3);
  expect(kept.size).toBe(1);
});

test('lists anew whenever a watch has ended, and sees what happened meanwhile', async () => {
  for (const session of [
    { list: [object('a', '1')] },
    { list: [object('a', '1')], ending: 'is cut off' },
    { list: [object('a', '1')], watch: [event('ERROR', { code: 410, message: 'too old resource version' })] },
    { list: [object('a', '1')], watch: [event('ERROR', { code: 500, message: 'etcdserver: leader changed' })] },
    { list: [object('a', '1')], watch: ['{"type":"MODIFIED","obj'] },
  ] as const) {
    const same = await played([session, { list: [object('a', '1')] }]);
    expect({ session, changed: same.changed }).toEqual({ session, changed: 1 });
    const moved = await played([session, { list: [object('a', '2')] }]);
    expect({ session, changed: moved.changed }).toEqual({ session, changed: 2 });
    const gone = await played([session, { list: [] }]);
    expect({ session, changed: gone.changed, kept: gone.kept.size }).toEqual({ session, changed: 2, kept: 0 });
  }
});

test('tells why nothing is heard; that the API no longer remembers is no trouble', async () => {
  const of = async (session: Session) => (await played([session])).trouble;
  expect(await of({ list: [], watch: [event('ERROR', { code: 410 })] })).toEqual([]);
  expect(await of({ list: [], ending: 'is cut off' })).toEqual(['KUBE.UNREACHABLE']);
  expect(await of({ list: [], ending: 'is refused' })).toEqual(['KUBE.REFUSED']);
  expect(await of({ list: [], watch: ['garbage'] })).toEqual(['KUBE.ANSWER']);
  expect(await of({ list: new CpaasError('KUBE.UNREACHABLE', 'away') })).toEqual(['KUBE.UNREACHABLE']);
});

test('an API that stays away is asked less and less often, and nothing that was known is forgotten', async () => {
  const away = { list: new CpaasError('KUBE.UNREACHABLE', 'away') };
  const { waits, kept, changed } = await played([
    { list: [object('a', '1')], ending: 'is cut off' },
    ...Array.from({ length: 8 }, () => away),
  ]);
  expect(waits.slice(0, 7)).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
  expect({ kept: kept.size, changed }).toEqual({ kept: 1, changed: 1 });
});

test('keeps no more than there are objects, however many come and go', async () => {
  const churn = Array.from({ length: 20_000 }, (_, nth) => [
    event('ADDED', object(`block-${nth}`, `${nth}`)),
    event('DELETED', object(`block-${nth}`, `${nth}`)),
  ]).flat();
  const { most, kept, changed } = await played([{ list: [object('a', '1')], watch: churn }]);
  expect({ most, kept: kept.size, changed }).toEqual({ most: 2, kept: 1, changed: 40_001 });
});

test('what is no failure of the API is thrown', async () => {
  const bug: Followed = {
    path: FOLLOWED.path,
    digest: () => {
      throw new TypeError('a bug');
    },
  };
  const ctx = {
    host: () => ({
      query: async () => ({
        stdout: JSON.stringify({ metadata: { resourceVersion: '1' }, items: [object('a', '')] }),
        stderr: '',
        code: 0,
      }),
    }),
  } as unknown as Reader;
  const options = { signal: new AbortController().signal, changed: () => {}, trouble: () => {} };
  await expect(follow(ctx, ACCESS, bug, new Kept(), options)).rejects.toThrow('a bug');
  await expect(answered(() => Promise.reject(new TypeError('another')), options)).rejects.toThrow('another');
});

test('asks again until there is an answer', async () => {
  let tries = 0;
  const waits: number[] = [];
  const ask = async () => {
    if (++tries < 4) throw new CpaasError('KUBE.UNREACHABLE', 'away');
    return 'here';
  };
  const pause = async (wait: number) => void waits.push(wait);
  const options = { signal: new AbortController().signal, changed: () => {}, trouble: () => {}, pause };
  expect(await answered(ask, options)).toBe('here');
  expect(waits).toEqual([1000, 2000, 4000]);
});

test('of nodes and blocks only what moves a route is news', () => {
  const [nodes, affinities, blocks] = routeNews({ api: 'crd', ipam: 'crd.projectcalico.org' });
  const kube = (kind: string, rest: object): KubeObject => ({
    apiVersion: 'v1',
    kind,
    metadata: { name: 'x' },
    ...rest,
  });
  const node = (heartbeat: string) =>
    kube('Node', {
      status: {
        addresses: [{ type: 'InternalIP', address: '10.0.0.1' }],
        conditions: [{ type: 'Ready', status: 'True', heartbeat }],
      },
    });
  expect(nodes?.digest(node('1'))).toBe('10.0.0.1');
  expect(nodes?.digest(node('2'))).toBe('10.0.0.1');
  const affinity = (state: string) =>
    kube('BlockAffinity', { spec: { cidr: '10.53.0.0/26', node: 'a', state, deleted: 'false' } });
  expect(affinities?.digest(affinity('confirmed'))).toContain('10.53.0.0/26');
  expect(affinities?.digest(affinity('pending'))).toBe('');
  const block = (...users: readonly string[]) =>
    kube('IPAMBlock', {
      spec: {
        cidr: '10.53.0.0/26',
        affinity: 'host:a',
        allocations: users.map((_, at) => at),
        attributes: users.map((user) => ({ secondary: { node: user } })),
      },
    });
  expect(blocks?.digest(block('a'))).toBe('');
  expect(blocks?.digest(block('a', 'a'))).toBe('');
  expect(blocks?.digest(block('a', 'b'))).toContain('10.53.0.1/32');
  expect(() => blocks?.digest(kube('IPAMBlock', { spec: { cidr: 7 } }))).toThrow(
    expect.objectContaining({
      code: 'KUBE.ANSWER',
      message: 'IPAMBlock x of the cluster is not as cpaas knows such objects',
    }),
  );
});
