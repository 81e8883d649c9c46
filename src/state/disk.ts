import { readFileSync, writeSync } from 'node:fs';
import { CpaasError, type ErrorCode } from '../core/errors.ts';

type Write = (file: number, bytes: Uint8Array, offset: number, length: number, position: number) => number;

/**
 * Writes all bytes at a position. A disk that is nearly full takes some of them and says so only by their number, so it is asked
 * again until it has taken all or throws.
 */
export function writeWhole(file: number, text: string, position: number, write: Write = writeSync): void {
  const bytes = Buffer.from(text);
  for (let done = 0; done < bytes.length; ) {
    const taken = write(file, bytes, done, bytes.length - done, position + done);
    if (taken === 0) throw Object.assign(new Error('ENOSPC: nothing was written'), { code: 'ENOSPC' });
    done += taken;
  }
}

/** Keeps something on disk. What the file system refuses rejects with `STATE.WRITE`: nothing may be changed that is not written down. */
export const keeping = <T>(path: string, act: () => T): T =>
  wrapping('STATE.WRITE', `the state cannot be kept in ${path}`, act);

/** The text of a file, or nothing where there is none. What else the file system refuses rejects with `STATE.READ`. */
export const readText = (path: string): string | undefined =>
  wrapping('STATE.READ', `the state cannot be read from ${path}`, () => {
    try {
      return readFileSync(path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  });

function wrapping<T>(code: ErrorCode, message: string, act: () => T): T {
  try {
    return act();
  } catch (cause) {
    if (!(cause instanceof Error) || cause instanceof CpaasError || !('code' in cause)) throw cause;
    throw new CpaasError(code, message, {
      cause,
      next: [{ label: 'see its owner and the space left, or keep the state elsewhere: --state-dir PATH' }],
    });
  }
}
