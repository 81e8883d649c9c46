import type { Platform } from '../../core/artifacts.ts';
import type { Facts } from '../../core/facts.ts';
import type { Step } from '../../core/step.ts';
import { hostPlatform } from '../../facts/host/platform.ts';
import { binaries, type HostBinariesPlace, hostBinaries } from '../../steps/host/binaries.ts';

/**
 * The step that puts programs into a folder of a host, each in the version given: their digests are what the artifacts say. The host is
 * asked for its platform where that is not known.
 */
export async function binariesStep(
  facts: Facts,
  place: HostBinariesPlace,
  versions: Readonly<Record<string, string>>,
  known?: Platform,
): Promise<Step> {
  const { artifacts } = facts.ctx;
  const platform = known ?? (await facts.get(hostPlatform(place.host)));
  const programs = await Promise.all(
    Object.entries(versions).map(async ([program, wanted]) => {
      const artifact = artifacts.program(program, wanted, platform);
      return [program, { version: artifact.version, sha256: await artifacts.digest(artifact) }] as const;
    }),
  );
  return hostBinaries(place, binaries(place.folder, programs));
}
