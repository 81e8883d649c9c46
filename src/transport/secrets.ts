import { execFile } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { promisify } from 'node:util';
import pLimit from 'p-limit';
import { CpaasError } from '../core/errors.ts';
import type { Listener } from '../core/events.ts';
import { quote } from '../core/quote.ts';
import type { SecretRef, Secrets } from '../core/secret.ts';

export interface SecretSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly emit: Listener;
  /** Whether somebody is there to be asked. */
  readonly terminal: boolean;
  readonly signal?: AbortSignal;
  /** What is kept out of every text besides what was fetched. */
  readonly hide: readonly string[];
}

const MASK = '•••';

/** Fetches secrets from where the references say, each once, and knows what to keep out of every text afterwards. */
export function createSecrets({
  env = process.env,
  emit = () => {},
  terminal = process.stdin.isTTY && process.stderr.isTTY,
  signal,
  hide = [],
}: Partial<SecretSources> = {}): Secrets {
  const fetched = new Map<string, Promise<string>>();
  const hidden = new Set(hide.flatMap(forms));
  // One question at a time, however many hosts are being reached.
  const asking = pLimit(1);

  const fetch = async (ref: SecretRef): Promise<string> => {
    if ('env' in ref) return env[ref.env] || missing(`environment variable ${ref.env} is not set`);
    if ('file' in ref) return fromFile(ref.file, emit);
    if ('command' in ref) return fromCommand(ref.command, signal);
    if (!terminal) return missing(`nobody is there to answer "${ref.prompt}"`, 'refer to env, file or command instead');
    return asking(() => fromPrompt(ref.prompt, signal));
  };

  return {
    reveal: async (ref) => {
      const key = JSON.stringify(ref);
      const secret = fetched.get(key) ?? fetch(ref);
      fetched.set(key, secret);
      for (const form of forms(await secret)) hidden.add(form);
      return secret;
    },
    redact: (text) =>
      [...hidden].sort((a, b) => b.length - a.length).reduce((clean, secret) => clean.replaceAll(secret, MASK), text),
  };
}

/** A secret as it is, and as a shell's command line and a JSON document write it. */
const forms = (secret: string): readonly string[] => [secret, quote(secret), JSON.stringify(secret).slice(1, -1)];

async function fromFile(file: string, emit: Listener): Promise<string> {
  const path = file.replace(/^~(?=\/|$)/, homedir());
  try {
    const { mode } = await stat(path);
    if (mode & 0o077)
      emit({ type: 'warning', text: `${file} holds a secret and others can read it: chmod 600 ${file}` });
    return firstLine(await readFile(path, 'utf8')) || missing(`the first line of ${file} is empty`);
  } catch (cause) {
    if (cause instanceof CpaasError) throw cause;
    return missing(`${file} cannot be read`, undefined, cause);
  }
}

async function fromCommand([program = '', ...args]: readonly string[], signal?: AbortSignal): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(program, args, { encoding: 'utf8', ...(signal && { signal }) });
    return firstLine(stdout) || missing(`${program} printed nothing`);
  } catch (cause) {
    if (cause instanceof CpaasError || signal?.aborted) throw cause;
    return missing(`${program} failed`, undefined, cause);
  }
}

async function fromPrompt(message: string, signal?: AbortSignal): Promise<string> {
  const { password } = await import('@inquirer/prompts');
  try {
    // On stderr: stdout is data.
    const answer = await password({ message }, { output: process.stderr, ...(signal && { signal }) });
    return answer || missing(`nothing was entered for "${message}"`);
  } catch (cause) {
    if (cause instanceof CpaasError || signal?.aborted) throw cause;
    return missing(`"${message}" was not answered`, undefined, cause);
  }
}

const firstLine = (text: string): string => text.split(/\r?\n/, 1)[0] ?? '';

function missing(
  why: string,
  next = 'see that the reference in the cluster file leads to the secret',
  cause?: unknown,
): never {
  throw new CpaasError('SECRET.MISSING', `a secret is missing: ${why}`, {
    ...(cause === undefined ? {} : { cause }),
    next: [{ label: next }],
  });
}
