import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Lan } from './lan.ts';

const SERVER = fileURLToPath(new URL('web-server.js', import.meta.url));

/** Serves a folder at the workstation of a LAN; gives how to end it. It dies with the process that started it. */
export async function serve(lan: Lan, folder: string, address: string, port = 80): Promise<() => Promise<void>> {
  const [program = '', ...enter] = ['setpriv', '--pdeathsig', 'KILL', ...lan.enter];
  const child = spawn(program, [...enter, process.execPath, SERVER, folder, address, String(port)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  return async () => {
    const ended = once(child, 'exit');
    child.kill();
    await ended;
  };
}
