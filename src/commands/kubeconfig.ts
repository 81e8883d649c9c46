import { resolve } from 'node:path';
import { type Answer, type Call, examples, type VerbModule } from '../cli/command.ts';
import { homePath, usualKubeconfig } from '../config/kubeconfig.ts';
import { CpaasError } from '../core/errors.ts';
import type { HostSpec } from '../core/host-spec.ts';
import { type Login, loginOf } from '../kube/kubeconfig.ts';
import { merged, withoutCluster } from '../kube/kubeconfig-edit.ts';
import { openSession } from '../session/session.ts';
import { resolveTarget } from '../session/target.ts';
import { editUserFile } from '../state/user-file.ts';

interface Options {
  /** A path, or only the wish. */
  readonly merge?: string | true;
  readonly remove?: string | true;
}

export const define: VerbModule['define'] = (command, act) => {
  command
    .option('--merge [path]', 'put it into your own kubeconfig as a context with the name of the cluster')
    .option('--remove [path]', 'take that context out of your kubeconfig again');
  examples(command, [
    ['cpaas kubeconfig > site1.kubeconfig', 'the kubeconfig alone; your own stays as it is'],
    ['cpaas kubeconfig --merge', 'into KUBECONFIG, or ~/.kube/config; other entries stay'],
    ['cpaas kubeconfig --remove --cluster site1', 'also when the cluster and its file are gone'],
  ]);
  act<Options>(command, async (call): Promise<Answer> => {
    const { merge, remove } = call.options;
    if (merge !== undefined && remove !== undefined)
      throw new CpaasError('USAGE.FLAGS', '--merge and --remove undo each other: give one of them');
    if (remove !== undefined) return removal(call, remove);
    const { name, login } = await loginNow(call);
    return merge === undefined ? whole(name, login) : merging(call, merge, name, login);
  });
};

/** The cluster's kubeconfig, alone. For programs it stands in a document, as everything else. */
function whole(name: string, login: Login): Answer {
  const text = merged('', name, login, 'it');
  return {
    kind: 'Kubeconfig',
    data: { cluster: name, server: login.cluster.server, kubeconfig: text },
    text: () => text,
    exit: 0,
  };
}

async function merging({ options, io }: Call, wish: string | true, name: string, login: Login): Promise<Answer> {
  const file = fileOf(wish, io.env, '--merge PATH');
  const changed = await edited(file, (text) => merged(text, name, login, file));
  return done(
    { file, name, changed },
    changed ? `has the context ${name}` : `has the context ${name} already. Nothing changed`,
    [
      `kubectl --context ${name} get nodes`,
      options.cluster === undefined ? 'cpaas kubeconfig --remove' : `cpaas kubeconfig --remove --cluster ${name}`,
    ],
  );
}

async function removal({ options, io }: Call, wish: string | true): Promise<Answer> {
  const { name } = await resolveTarget(options, io, { fileless: true });
  const file = fileOf(wish, io.env, '--remove PATH');
  const changed = await edited(file, (text) => (text === '' ? text : withoutCluster(text, name, file)));
  return done(
    { file, name, changed },
    changed ? `has nothing of ${name} any more` : `has nothing of ${name} from cpaas. Nothing changed`,
  );
}

function done(
  { file, name, changed }: { readonly file: string; readonly name: string; readonly changed: boolean },
  sentence: string,
  [use, undo]: readonly string[] = [],
): Answer {
  return {
    kind: 'KubeconfigChange',
    data: { cluster: name, file, changed },
    text: ({ style }) =>
      [
        `${style.done('✔')} ${file} ${sentence}.`,
        ...(use && undo ? [`  ${use}   uses it`, `  ${undo.padEnd(use.length)}   takes it out again`] : []),
      ].join('\n'),
    exit: 0,
  };
}

/** How cpaas itself logs in, and what is to be known about the way there. */
async function loginNow({ options, io }: Call): Promise<{ readonly name: string; readonly login: Login }> {
  const session = await openSession(options, io, { apiless: true });
  const { name, blueprint, engine } = session;
  try {
    if (!blueprint) throw new Error('a cluster file was asked for');
    const { kube, hosts } = blueprint;
    const login = await loginOf(engine.ctx, kube);
    const { server } = login.cluster;
    if (isOnlyThere(hosts[kube.host], server))
      engine.emit({
        type: 'warning',
        text: `${server} answers on ${engine.ctx.host(kube.host).name} only: from here, cpaas kubectl reaches it`,
      });
    return { name, login };
  } finally {
    await session.close();
  }
}

/** Whether a server has an address that means something on its host alone. */
function isOnlyThere(host: HostSpec | undefined, server: string): boolean {
  if (host?.reach.via === 'netns') return true;
  const isFar = host?.reach.via === 'ssh' || host?.reach.via === 'any';
  return isFar && /^\w+:\/\/(?:127\.|0\.0\.0\.0|localhost|\[::1?\])/.test(server);
}

const fileOf = (wish: string | true, env: NodeJS.ProcessEnv, flag: string): string =>
  resolve(
    wish === true
      ? usualKubeconfig(env, { label: 'name one of them', command: `cpaas kubeconfig ${flag}` })
      : homePath(wish, env),
  );

/** Edits the user's file. What the file system refuses rejects with `KUBECONFIG.FILE`, a lock with `KUBECONFIG.LOCKED`. */
async function edited(file: string, edit: (text: string) => string): Promise<boolean> {
  try {
    return await editUserFile(file, edit);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (cause instanceof CpaasError || typeof code !== 'string') throw cause;
    if (code === 'EEXIST')
      throw new CpaasError('KUBECONFIG.LOCKED', `another program is writing ${file}`, {
        cause,
        evidence: [{ label: 'lock', text: `${file}.lock` }],
        next: [{ label: 'when it ends, say the same again; remove the lock if nobody is at work' }],
      });
    throw new CpaasError('KUBECONFIG.FILE', `${file} cannot be written: ${(cause as Error).message}`, { cause });
  }
}
