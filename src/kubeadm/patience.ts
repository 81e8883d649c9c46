import { CpaasError } from '../core/errors.ts';

/** How often it is asked again, and milliseconds in between: a refused connection comes back at once, a hanging one after 20 s. */
const AGAIN = 5;
const PAUSE = 3000;

/** Asks again while nobody answers: etcd chooses another leader when its own has gone, and says nothing meanwhile. */
export async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  for (let left = AGAIN; ; left--) {
    try {
      return await ask();
    } catch (error) {
      if (left === 0 || !isSilence(error)) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
}

const isSilence = (error: unknown): boolean => error instanceof CpaasError && error.code === 'KUBE.UNREACHABLE';
