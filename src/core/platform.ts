import type { Platform } from './artifacts.ts';
import { CpaasError } from './errors.ts';

const SYSTEMS: Readonly<Record<string, 'linux' | 'darwin'>> = { linux: 'linux', darwin: 'darwin' };
const MACHINES: Readonly<Record<string, 'amd64' | 'arm64'>> = {
  x86_64: 'amd64',
  amd64: 'amd64',
  x64: 'amd64',
  aarch64: 'arm64',
  arm64: 'arm64',
};

/** The platform of a machine as `uname -sm` or node names it: `Linux x86_64`, `darwin arm64`. Throws `ARTIFACT.PLATFORM` for others. */
export function platformOf(system: string, machine: string): Platform {
  const os = SYSTEMS[system.toLowerCase()];
  const arch = MACHINES[machine.toLowerCase()];
  if (os && arch) return `${os}/${arch}`;
  throw new CpaasError('ARTIFACT.PLATFORM', `nothing is published for ${system} ${machine}`, {
    next: [{ label: 'use a machine with Linux or macOS on amd64 or arm64' }],
  });
}
