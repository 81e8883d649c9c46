import { readdirSync, readFileSync } from 'node:fs';
import { Writable } from 'node:stream';
import { load, loadAll } from 'js-yaml';
import { expect, test } from 'vitest';
import { type Format, printDocument, writeOut } from '../../../src/ui/output/print.ts';
import { every, watchDocuments, watchText } from '../../../src/ui/output/watch.ts';
import { memoryStream } from '../progress/terminal.ts';

async function printed(format: Format): Promise<string> {
  const { stream, written } = memoryStream();
  await printDocument('RouteTable', { routes: [] }, { format, text: () => 'No host routes.', stdout: stream });
  return written();
}

test('stdout holds exactly one document with its version and kind', async () => {
  expect(JSON.parse(await printed('json'))).toEqual({
    apiVersion: 'cpaas.dev/v1alpha1',
    kind: 'RouteTable',
    routes: [],
  });
  expect(load(await printed('yaml'))).toEqual({ apiVersion: 'cpaas.dev/v1alpha1', kind: 'RouteTable', routes: [] });
  expect(await printed('text')).toBe('No host routes.\n');
});

test('JSON that a terminal shows cannot steer it', async () => {
  const { stream, written } = memoryStream();
  const data = { said: '\u009b31m\u001b[2J' };
  await printDocument('Status', data, { format: 'json', text: () => '', stdout: stream });
  expect(written()).toContain('"\\u009b31m\\u001b[2J"');
  expect(JSON.parse(written()).said).toBe(data.said);
});

const failing = (code: string) =>
  new Writable({ write: (_chunk, _encoding, done) => done(Object.assign(new Error(code), { code })) });

test('a reader that has gone is no error, a full disk is', async () => {
  expect(await writeOut('x', failing('EPIPE'))).toBe(false);
  await expect(writeOut('x', failing('ENOSPC'))).rejects.toMatchObject({ code: 'OUTPUT.WRITE' });
});

test('an empty text prints nothing', async () => {
  const { stream, written } = memoryStream();
  await printDocument('Status', {}, { format: 'text', text: () => '', stdout: stream });
  expect(written()).toBe('');
});

async function* several<T>(...items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

test('watching redraws in place, also when the text grows, shrinks or is too wide', async () => {
  const { stream, screen } = memoryStream(20);
  await watchText(several('one\ntwo\nthree', 'one', `wide ${'x'.repeat(50)}\ntwo`), stream);
  expect(screen()).toEqual([`wide ${'x'.repeat(15)}`, 'two']);
});

test('watching a screen taller than the terminal says what is missing', async () => {
  const { stream, screen } = memoryStream(40);
  const tall = Array.from({ length: 50 }, (_, at) => `line ${at}`).join('\n');
  await watchText(several(tall, tall), stream);
  expect(screen().length).toBe(23);
  expect(screen().at(-1)).toBe('… 28 more lines');
});

test('watching with -o json prints a document a line', async () => {
  const { stream, lines } = memoryStream();
  await watchDocuments('Status', several({ a: 1 }, { a: 2 }), 'json', stream);
  expect(lines().map((line) => JSON.parse(line).a)).toEqual([1, 2]);
});

test('watching with -o yaml prints documents of one stream', async () => {
  const { stream, written } = memoryStream();
  await watchDocuments('Status', several({ a: 1 }, { a: 2 }), 'yaml', stream);
  expect(loadAll(written())).toMatchObject([
    { kind: 'Status', a: 1 },
    { kind: 'Status', a: 2 },
  ]);
});

test('looking again ends with the signal, without waiting out the time', async () => {
  const stop = new AbortController();
  let looks = 0;
  for await (const look of every(3600, async () => ++looks, stop.signal)) if (look === 1) stop.abort();
  expect(looks).toBe(1);
});

test('what draws, paints and asks is loaded only when it is needed', () => {
  const folder = new URL('../../../src/ui/', import.meta.url);
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  expect(files).toContain('progress/tasks.ts');
  const eager = files.filter((file) =>
    /^import (?!type).*from '(listr2|ora|chalk|@inquirer|js-yaml)/m.test(readFileSync(new URL(file, folder), 'utf8')),
  );
  expect(eager).toEqual([]);
});
