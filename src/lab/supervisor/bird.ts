import { mkdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import type { LabLayout } from '../layout.ts';
import type { LabNode } from '../spec.ts';
import type { ChildSpec } from './parts.ts';

/** A node's BIRD. It starts with next to nothing: the controllers' calico-node writes the configuration and makes BIRD read it. */
export async function bird({ name, address }: LabNode, layout: LabLayout): Promise<ChildSpec> {
  const { root, birdConf, birdSocket } = layout.node(name);
  await mkdir(root, { recursive: true });
  await writeFile(birdConf, `router id ${address};\nprotocol device { }\n`, { flag: 'wx' }).catch(unlessThere);
  return {
    id: `${name}/bird`,
    namespace: layout.namespace(name),
    argv: ['bird', '-f', '-c', birdConf, '-s', birdSocket],
    restart: true,
    readyWhen: () => answers(birdSocket),
  };
}

/** Nothing when somebody listens on a socket. */
const answers = (path: string): Promise<string | undefined> =>
  new Promise((resolve) => {
    const socket = connect(path);
    socket.once('error', () => resolve(`nobody listens on ${path}`));
    socket.once('connect', () => {
      socket.destroy();
      resolve(undefined);
    });
  });

function unlessThere(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}
