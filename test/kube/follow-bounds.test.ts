import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Reader } from '../../src/core/context.ts';
import type { CpaasError } from '../../src/core/errors.ts';
import { type Followed, follow, Kept } from '../../src/kube/follow.ts';
import { asHost } from '../../src/transport/host.ts';
import { local } from '../../src/transport/local.ts';

// What hours of a watch come to, without the hours: real processes, one for each list and each watch, whose ends come at once.

/** Changes that one watch tells before it is cut off, each of another object and with a kilobyte that does not matter. */
const EVENTS = 2000;
const SESSIONS = { first: 10, all: 40 } as const;

/** A kubectl that counts its lists, and whose watches are cut off after some thousand changes. */
const KUBECTL = `#!/bin/sh
case "$*" in
  *watch=1*)
    awk -v session="$(cat "$0.lists")" 'BEGIN {
      while (length(noise) < 1000) noise = noise "noise ";
      for (n = 0; n < ${EVENTS}; n++) {
        object = "{\\"metadata\\":{\\"name\\":\\"block-" n % 50 "\\",\\"labels\\":{\\"at\\":\\"" session "-" n "\\",\\"noise\\":\\"" noise "\\"}}}";
        print "{\\"type\\":\\"" (n % 3 == 2 ? "DELETED" : "MODIFIED") "\\",\\"object\\":" object "}";
      }
    }'
    echo 'unexpected EOF' >&2
    exit 1 ;;
  *)
    echo $(($(cat "$0.lists") + 1)) >"$0.lists"
    echo '{"metadata":{"resourceVersion":"1"},"items":[]}' ;;
esac
`;

let folder: string;
const path = process.env['PATH'];
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cpaas-follow-'));
  writeFileSync(join(folder, 'kubectl'), KUBECTL);
  writeFileSync(join(folder, 'kubectl.lists'), '0\n');
  chmodSync(join(folder, 'kubectl'), 0o755);
  process.env['PATH'] = `${folder}:${path}`;
  setFlagsFromString('--expose-gc');
});
afterAll(() => {
  process.env['PATH'] = path;
  rmSync(folder, { recursive: true });
});

/** Bytes that are reachable, and files that are open. */
function held(): { readonly heap: number; readonly files: number } {
  const collect = runInNewContext('gc') as () => void;
  for (let time = 0; time < 3; time++) collect();
  return { heap: process.memoryUsage().heapUsed, files: readdirSync('/proc/self/fd').length };
}

test('memory and open files stay, however many changes come and however often a watch is cut off', async () => {
  const stop = new AbortController();
  const kept = new Kept();
  const machine = asHost(local('vm'));
  const after: ReturnType<typeof held>[] = [];
  let changed = 0;
  let cuts = 0;
  const options = {
    signal: stop.signal,
    changed: () => void changed++,
    trouble: (error: CpaasError | undefined) => {
      if (error) expect(error.code).toBe('KUBE.UNREACHABLE');
    },
    pause: async () => {
      cuts++;
      if (cuts === SESSIONS.first || cuts === SESSIONS.all) after.push(held());
      if (cuts === SESSIONS.all) stop.abort(new Error('Ctrl-C'));
    },
  };
  const ctx = { host: () => machine } as unknown as Reader;
  const followed: Followed = {
    path: '/api/v1/nodes',
    digest: ({ metadata }) => metadata.labels?.['at'] ?? '',
  };
  await expect(follow(ctx, { host: 'vm', kubeconfig: '/k' }, followed, kept, options)).rejects.toThrow('Ctrl-C');

  expect(changed).toBeGreaterThan(SESSIONS.all * EVENTS * 0.9);
  expect(kept.size).toBeLessThanOrEqual(50);
  const [early, late] = after as [ReturnType<typeof held>, ReturnType<typeof held>];
  // thirty lists and thirty watches lie between
  expect(late.files - early.files).toBeLessThan(10);
  // and 60,000 changes of a kilobyte each: 20 bytes of each would show
  expect(late.heap - early.heap).toBeLessThan(1_200_000);
});
