import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { digestOf } from '../../src/artifacts/cache.ts';

/** Writes the node image as an archive that `docker load` takes, under each of these names. `cache`: where its base is. */
export async function nodeImage(out: string, cache: string, names: readonly string[]): Promise<void> {
  const work = mkdtempSync(join(tmpdir(), 'cpaas-image-'));
  try {
    const layer = join(work, 'layer.tar');
    execFileSync('bash', ['test/docker/image.sh', 'tar'], {
      env: { ...process.env, CPAAS_DOCKER: cache },
      stdio: ['ignore', openSync(layer, 'w'), 'inherit'],
    });
    const digest = await digestOf(layer);
    const config = JSON.stringify({
      architecture: 'amd64',
      os: 'linux',
      created: '1970-01-01T00:00:00Z',
      rootfs: { type: 'layers', diff_ids: [`sha256:${digest}`] },
      config: {
        Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
        Entrypoint: ['/bin/k3s'],
      },
    });
    const configName = `${createHash('sha256').update(config).digest('hex')}.json`;
    const image = join(work, 'image');
    mkdirSync(join(image, digest), { recursive: true });
    renameSync(layer, join(image, digest, 'layer.tar'));
    writeFileSync(join(image, configName), config);
    const manifest = [{ Config: configName, RepoTags: names, Layers: [`${digest}/layer.tar`] }];
    writeFileSync(join(image, 'manifest.json'), JSON.stringify(manifest));
    execFileSync('tar', ['-C', image, '-cf', out, '.']);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
