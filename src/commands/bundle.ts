import { statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import type { BundledArtifact, BundleList } from '../artifacts/bundle-list.ts';
import { writeBundle } from '../artifacts/bundle-write.ts';
import { loadBundle } from '../artifacts/bundled.ts';
import { Cache, cacheRoot, digestOf, fileAt } from '../artifacts/cache.ts';
import { canonical, programNamed } from '../artifacts/catalog.ts';
import { type Answer, type Call, examples, type VerbModule } from '../cli/command.ts';
import { repeatable } from '../cli/repeatable.ts';
import type { Artifact, ArtifactFile, ArtifactNeed, Platform } from '../core/artifacts.ts';
import { CpaasError } from '../core/errors.ts';
import { platformOf } from '../core/platform.ts';
import { artifactsOf } from '../session/artifacts.ts';
import { openReporter } from '../session/reporter.ts';
import { resolveTarget } from '../session/target.ts';
import { type BundleDocument, bundleText } from '../ui/screens/bundle.ts';

interface CreateOptions {
  readonly image?: readonly string[];
  readonly platform?: readonly string[];
}

export const define: VerbModule['define'] = (command, act) => {
  examples(command, [
    ['cpaas bundle create', 'where there is a network: everything that cpaas.yaml needs, in one file'],
    ['cpaas bundle load site1.bundle.tar', 'where there is none: into the cache'],
    ['cpaas up --bundle site1.bundle.tar', 'or at once'],
  ]);

  const create = command.command('create').description('pack everything that the cluster file needs into one file');
  create
    .argument('[file]', 'where to; NAME.bundle.tar when left out')
    .option('--image <archive>', 'take this image archive along (docker save); may be given again', repeatable)
    .option(
      '--platform <os/arch>',
      "of the hosts; may be given again (default: Linux on this machine's kind)",
      repeatable,
    );
  examples(create, [
    ['cpaas bundle create', 'NAME.bundle.tar, with what is fetched and checked now'],
    ['cpaas bundle create --image calico.tar site1.tar', 'with images, into a file of this name'],
  ]);
  act<CreateOptions>(create, createBundle);

  const load = command.command('load').description('bring a bundle into the cache, each file checked');
  load.argument('<file>', 'made by cpaas bundle create');
  examples(load, [['cpaas bundle load site1.bundle.tar', 'up then needs no network for what is in it']]);
  act(load, async ({ args: [file = ''], io }): Promise<Answer> => {
    const list = await loadBundle(file, new Cache(cacheRoot(io.env)));
    return answer(file, list, 'loaded');
  });
};

async function createBundle({ args: [file], options, io }: Call<CreateOptions>): Promise<Answer> {
  const target = await resolveTarget(options, io, {});
  const { image = [], platform = [] } = options;
  const platforms = platform.length > 0 ? platform.map(platformNamed) : [hostPlatform()];
  const images = await Promise.all(image.map(imageArchive));
  const reporter = await openReporter(options, io, []);
  const store = artifactsOf(target, options, io, { emit: reporter.emit, records: true });
  try {
    const wanted = platforms.flatMap((platform) =>
      (target.blueprint?.needs ?? []).map((need) => artifactFor(need, platform)),
    );
    const artifacts: BundledArtifact[] = [];
    const files: ArtifactFile[] = [];
    for (const artifact of wanted) {
      const { program, ...whole } = artifact;
      const packed = await store.artifacts.file(whole);
      files.push(packed);
      artifacts.push({ ...whole, sha256: packed.sha256 });
      if (program !== undefined)
        artifacts.push({ ...artifact, sha256: await store.artifacts.digest(artifact) } as BundledArtifact);
    }
    const path = file ?? `${target.name}.bundle.tar`;
    return answer(
      path,
      await writeBundle(path, { cluster: target.name, artifacts: once(artifacts), images, files }),
      'written',
    );
  } finally {
    await store.close();
    await reporter.close();
  }
}

const answer = (file: string, list: BundleList, verb: 'written' | 'loaded'): Answer => {
  const data: BundleDocument = {
    file,
    cluster: list.cluster,
    artifacts: list.artifacts,
    images: list.images,
    size: sizeOf(list),
  };
  return { kind: 'Bundle', data, text: (view) => bundleText({ ...data, verb }, view), exit: 0 };
};

const sizeOf = ({ files }: BundleList): number => files.reduce((sum, { size }) => sum + size, 0);

const artifactFor = (need: ArtifactNeed, platform: Platform): Artifact =>
  'program' in need ? programNamed(need.program, need.version, platform) : canonical({ ...need, platform });

const once = (artifacts: readonly BundledArtifact[]): readonly BundledArtifact[] => [
  ...new Map(artifacts.map((artifact) => [JSON.stringify(artifact), artifact])).values(),
];

/** Hosts have Linux, whatever this machine has. */
const hostPlatform = (): Platform => platformOf('linux', process.arch);

function platformNamed(text: string): Platform {
  const [system = '', machine = '', ...rest] = text.split('/');
  if (rest.length > 0) throw new CpaasError('ARTIFACT.PLATFORM', `${text} is no platform such as linux/amd64`);
  return platformOf(system, machine);
}

async function imageArchive(path: string) {
  try {
    if (!statSync(path).isFile()) throw new Error('it is no file');
    return { ...(await fileAt(resolve(path), await digestOf(path))), name: basename(path) };
  } catch (cause) {
    throw new CpaasError('ARTIFACT.IMAGE', `the image archive ${path} cannot be read`, {
      cause,
      evidence: [{ label: 'seen', text: (cause as Error).message }],
      next: [{ label: 'make it with docker save -o FILE IMAGE' }],
    });
  }
}
