import { homedir, userInfo } from 'node:os';
import { isAbsolute, join } from 'node:path';

const BELOW_HOME = { XDG_STATE_HOME: '.local/state', XDG_CACHE_HOME: '.cache' } as const;

/**
 * A base folder of the user's, absolute. As the XDG specification has it, a variable that is empty or relative counts for nothing: or what
 * a run keeps would lie in whatever folder it was called from.
 */
export function baseFolder(variable: keyof typeof BELOW_HOME, env: NodeJS.ProcessEnv): string {
  const named = env[variable] ?? '';
  if (isAbsolute(named)) return named;
  const home = env['HOME'] ?? homedir();
  return join(isAbsolute(home) ? home : userInfo().homedir, BELOW_HOME[variable]);
}
