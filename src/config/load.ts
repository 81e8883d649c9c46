import { createReadStream } from 'node:fs';
import { CpaasError } from '../core/errors.ts';
import type { Draft } from './checks/check.ts';
import { CHECKS } from './checks.ts';
import { withNetworks } from './defaults.ts';
import { tooDeepAt } from './depth.ts';
import { readDocument } from './document.ts';
import { findingsOf } from './issues.ts';
import { InvalidClusterFile, type Problem, sorted } from './problems.ts';
import { type Cluster, ClusterFile } from './schema.ts';
import { salvage } from './shape.ts';

/** Bytes. A hundred routers take 40 KiB. */
const BIGGEST = 256 * 1024;

/** Hears of each thing in the file that is allowed and probably not meant. */
export type OnWarning = (problem: Problem) => void;

/**
 * Reads and checks a cluster file. Rejects with `CONFIG.MISSING`, `CONFIG.UNREADABLE`, or `CONFIG.INVALID` (an
 * `InvalidClusterFile`) that holds everything wrong with it. Looks at nothing but the file.
 */
export async function loadCluster(path: string, onWarning?: OnWarning): Promise<Cluster> {
  return parseCluster(decode(await readBytes(path), path), path, onWarning);
}

/** The same of a text. `file` is what the messages call it. */
export function parseCluster(text: string, file: string, onWarning: OnWarning = () => {}): Cluster {
  const deep = tooDeepAt(text);
  if (deep !== undefined)
    throw new InvalidClusterFile(file, [problemAt(text, deep, 'is nested too deeply to be meant')]);
  const document = readDocument(text);
  if (!document.readable) throw new InvalidClusterFile(file, sorted(document.problems));
  if (document.data === null || document.data === undefined) throw new InvalidClusterFile(file, [whole('is empty')]);

  const parsed = ClusterFile.safeParse(document.data);
  const draft: Draft = withNetworks(parsed.success ? parsed.data : (salvage(ClusterFile, document.data) ?? {}));
  const findings = [
    ...(parsed.error?.issues ?? []).flatMap((issue) => findingsOf(issue, document.data, document.source)),
    ...CHECKS.flatMap((check) => [...check(draft)]),
  ];
  const of = (severity: 'error' | 'warning') =>
    findings.filter((one) => one.severity === severity).map(document.locate);
  const errors = sorted([...document.problems, ...of('error')]);
  if (errors.length > 0) throw new InvalidClusterFile(file, errors);
  for (const problem of sorted(of('warning'))) onWarning(problem);
  // Without errors nothing is missing from it.
  return draft as Cluster;
}

/** Reads no more than a cluster file can be, so that a device or a pipe is a legal file too. */
async function readBytes(path: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of createReadStream(path, { end: BIGGEST })) chunks.push(chunk as Buffer);
  } catch (cause) {
    throw unreadable(path, cause);
  }
  return Buffer.concat(chunks);
}

function unreadable(path: string, cause: unknown): CpaasError {
  const { code } = cause as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'ENOTDIR')
    return new CpaasError('CONFIG.MISSING', `there is no cluster file ${path}`, {
      cause,
      next: [
        { label: 'writes one', command: 'cpaas init' },
        { label: 'names another', command: 'cpaas <command> -f PATH' },
      ],
    });
  const why = code === 'EISDIR' ? 'it is a folder' : code === 'EACCES' ? 'it may not be read by you' : `${code}`;
  return new CpaasError('CONFIG.UNREADABLE', `${path} cannot be read: ${why}`, { cause });
}

function decode(bytes: Buffer, file: string): string {
  if (bytes.length > BIGGEST)
    throw new InvalidClusterFile(file, [whole(`is larger than ${BIGGEST / 1024} KiB: this is no cluster file`)]);
  const text = new TextDecoder('utf-8').decode(bytes);
  // Written out where the input holds it, the replacement character is as wrong as where the decoder put it.
  const wrong = text.search(/\uFFFD|(?![\t\n\r])\p{Cc}/u);
  if (wrong < 0) return text;
  throw new InvalidClusterFile(file, [
    problemAt(text, wrong, 'is no text here: the file must be UTF-8 without control characters'),
  ]);
}

function problemAt(text: string, offset: number, message: string): Problem {
  const lines = text.slice(0, offset).split('\n');
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1, path: '', message };
}

const whole = (message: string): Problem => problemAt('', 0, message);
