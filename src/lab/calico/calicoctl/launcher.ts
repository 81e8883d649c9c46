import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LabLayout } from '../../layout.ts';
import type { LabSpec } from '../../spec.ts';

/** Puts `calicoctl` of the lab's Calico version into the folder of programs that hosts of the lab have on their PATH. */
export async function writeCalicoctl(spec: LabSpec, layout: LabLayout): Promise<void> {
  const main = fileURLToPath(new URL('./main.js', import.meta.url));
  const script = [
    '#!/bin/sh',
    `CALICOCTL_VERSION='${spec.calicoVersion}' LAB_KUBECONFIG='${layout.kubeconfig}' exec '${process.execPath}' '${main}' "$@"`,
    '',
  ].join('\n');
  await mkdir(layout.bin, { recursive: true });
  const path = join(layout.bin, 'calicoctl');
  await writeFile(path, script);
  await chmod(path, 0o755);
}
