import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { debianPackages, forgetKey, type SigningKey, signingKey, writeRepository } from './apt.ts';
import type { Lan } from './lan.ts';
import type { Machine } from './machine.ts';
import { serve } from './serve.ts';

/** A web server at the workstation of a LAN with Debian packages for machines that have no other way out. */
export interface Mirror {
  /** What it serves; further repositories go beside `debian`. */
  readonly folder: string;
  readonly url: string;
  readonly key: SigningKey;
  /** Lets a machine take its packages from here, as its installer would have. */
  use(machine: Machine): Promise<void>;
  stop(): Promise<void>;
}

export async function startMirror(
  lan: Lan,
  address: string,
  image: string,
  packages: readonly string[],
): Promise<Mirror> {
  const folder = join(lan.folder, 'mirror');
  mkdirSync(folder, { recursive: true });
  const key = signingKey('Test Mirror <mirror@example.com>');
  writeRepository(join(folder, 'debian'), debianPackages(packages, image), key, { suite: 'stable', component: 'main' });
  const end = await serve(lan, folder, address);
  const url = `http://${address}`;
  return {
    folder,
    url,
    key,
    use: async (machine) => {
      await machine.ask(['tee', '/etc/apt/trusted.gpg.d/mirror.asc'], key.armored);
      await machine.ask(['tee', '/etc/apt/sources.list'], `deb ${url}/debian stable main\n`);
      await machine.ask(['chmod', '644', '/etc/apt/trusted.gpg.d/mirror.asc', '/etc/apt/sources.list']);
      await machine.ask(['apt-get', '-q', 'update']);
    },
    stop: async () => {
      await end();
      forgetKey(key);
    },
  };
}
