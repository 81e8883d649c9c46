import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { test } from 'vitest';
import { parse, stringify } from 'yaml';
import { parseCluster } from '../../src/config/load.ts';
import { CpaasError } from '../../src/core/errors.ts';

const soundFiles = ['lab-vm', 'lab-flat', 'lab-ebgp'].map((name) => readFileSync(`examples/${name}.yaml`, 'utf8'));

/** Values that are right somewhere, and wrong in most places. */
const value = fc.oneof(
  fc.constantFrom<unknown>(
    ...[
      null,
      {},
      [],
      [{}],
      [null],
      '',
      'bigip1',
      'bigip2',
      'vm',
      'flat',
      '10.1.20.20',
      '10.10.2.20',
      '0.0.0.0/0',
      '10.0.0.0/8',
    ],
    ...[
      '10.10.2.20/32',
      '10.10.2.20/31',
      '172.19.0.0/30',
      '255.255.255.255',
      '255.255.255.254/31',
      0,
      1,
      -1,
      1e9,
      1000,
      32,
      1.5,
      true,
    ],
  ),
  fc.string(),
  fc.integer(),
  fc.jsonValue({ maxDepth: 3 }),
);

/** Puts a value in place of something in a document, or beside it under a key that exists elsewhere. */
function replaced(data: unknown, way: readonly number[], put: unknown): unknown {
  const [step, ...rest] = way;
  if (step === undefined || typeof data !== 'object' || data === null) return put;
  const keys = [
    ...Object.keys(data),
    'network',
    'gateway',
    'lan',
    'vm',
    'sources',
    'peers',
    'switches',
    'calico',
    'k3d',
    'kubeadm',
  ];
  const key = keys[step % keys.length] ?? '';
  if (Array.isArray(data))
    return data.map((item, i) => (`${i}` === key || data.length === 1 ? replaced(item, rest, put) : item));
  const inside = (data as Readonly<Record<string, unknown>>)[key];
  return { ...data, [key]: inside === undefined ? put : replaced(inside, rest, put) };
}

const refusesOnly = (act: () => unknown) => {
  try {
    act();
  } catch (error) {
    if (!(error instanceof CpaasError)) throw error;
  }
};

test('whatever stands in the file, it is taken or refused with reasons', { timeout: 60_000 }, () => {
  const change = fc.tuple(fc.array(fc.nat(20), { minLength: 1, maxLength: 6 }), value);
  fc.assert(
    fc.property(fc.constantFrom(...soundFiles), fc.array(change, { minLength: 1, maxLength: 4 }), (file, changes) => {
      const data = changes.reduce<unknown>((doc, [way, put]) => replaced(doc, way, put), parse(file));
      refusesOnly(() => parseCluster(stringify(data), 'f'));
    }),
    { numRuns: 150 },
  );
});

test('whatever is torn from the text, it is taken or refused with reasons', { timeout: 60_000 }, () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...soundFiles),
      fc.nat(),
      fc.nat(40),
      fc.string({ maxLength: 10 }),
      (file, at, length, put) => {
        const start = at % file.length;
        refusesOnly(() => parseCluster(file.slice(0, start) + put + file.slice(start + length), 'f'));
      },
    ),
    { numRuns: 150 },
  );
});
