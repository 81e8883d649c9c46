import { API_VERSION } from '../../core/documents.ts';
import { CpaasError } from '../../core/errors.ts';
import { jsonLine, jsonText } from '../text/json.ts';

export type Format = 'text' | 'json' | 'yaml';

type Output = NodeJS.WritableStream;

/** The kinds of documents that stdout may hold. */
export type DocumentKind =
  | 'Plan'
  | 'Run'
  | 'Status'
  | 'VerifyReport'
  | 'DoctorReport'
  | 'BgpStatus'
  | 'RouteTable'
  | 'Runs'
  | 'Error'
  | (string & {});

export interface PrintOptions {
  readonly format: Format;
  /** What a person reads instead. */
  readonly text: () => string;
  /** stdout, unless a test reads. */
  readonly stdout?: Output;
}

/** Prints a result: exactly one document `{apiVersion, kind, …}`, or its text. Resolves when it has left the process. */
export async function printDocument(
  kind: DocumentKind,
  data: object,
  { format, text, stdout = process.stdout }: PrintOptions,
): Promise<void> {
  const shown = format === 'text' ? text() : await serialize(documentOf(kind, data), format);
  await writeOut(shown === '' || shown.endsWith('\n') ? shown : `${shown}\n`, stdout);
}

/** One of many documents: a line each in JSON, in YAML each under its `---`. Resolves with whether somebody still reads. */
export async function printNext(
  kind: DocumentKind,
  data: object,
  format: 'json' | 'yaml',
  stdout: Output = process.stdout,
): Promise<boolean> {
  const document = documentOf(kind, data);
  const text = format === 'json' ? `${jsonLine(document)}\n` : `---\n${await serialize(document, format)}`;
  return writeOut(text, stdout);
}

const documentOf = (kind: DocumentKind, data: object) => ({ apiVersion: API_VERSION, kind, ...data });

async function serialize(document: object, format: 'json' | 'yaml'): Promise<string> {
  if (format === 'json') return jsonText(document);
  const { dump } = await import('js-yaml');
  return dump(JSON.parse(JSON.stringify(document)), { noRefs: true, lineWidth: 120 });
}

/**
 * Writes and waits until the text is out. False when nobody reads any more, as after `cpaas status | head -1`: that is no error of
 * ours. Rejects with `OUTPUT.WRITE` on other failures, such as a full disk behind `>`.
 */
export function writeOut(text: string, stream: Output): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const end = (error?: Error | null) => {
      if (!error) resolve(true);
      else if ('code' in error && error.code === 'EPIPE') resolve(false);
      else reject(new CpaasError('OUTPUT.WRITE', `what there is to say cannot be written: ${error.message}`));
    };
    // A broken pipe is told twice, to the callback and as an event, which ends the process when nobody listens. It stays listened to.
    if (!stream.listeners('error').includes(ignore)) stream.on('error', ignore);
    stream.write(text, end);
  });
}

const ignore = (): void => {};
