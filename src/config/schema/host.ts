import { z } from 'zod';
import { Secret, webUrl } from './fields.ts';
import { Fingerprint, mirrorOf } from './repositories.ts';

const release = (tool: string) => z.string().min(1).optional().describe(`Version of ${tool} to install`);

export const Routes = z.strictObject({
  persist: z
    .enum(['none', 'boot'])
    .default('none')
    .describe(
      'boot: a systemd timer asks for the pod blocks and sets the host routes anew after every start, and every 5 minutes. They are never stored: blocks move',
    ),
});

export const Artifacts = z.strictObject({
  mirror: webUrl('a mirror', 'nobody has to log in to one, whose files are checked by digest')
    .optional()
    .describe("Where to download from instead of the publishers' sites; same layout"),
  bundle: z.string().min(1).optional().describe('File made by cpaas bundle create: nothing is downloaded'),
});

export const Tools = z.strictObject({
  folder: z
    .string()
    .regex(/^(\/[\w.+-]+)+$/, { error: 'the folder is an absolute path without spaces' })
    .default('/usr/local/bin')
    .describe('Where they go'),
  kubectl: release('kubectl'),
  helm: release('helm'),
  calicoctl: release('calicoctl'),
  k3d: release('k3d'),
  k9s: release('k9s'),
  docker: release('Docker Engine'),
});

/** A value of JSON, as in daemon.json. */
const Json = z.json();

export const Host = z.strictObject({
  prepare: z
    .boolean()
    .default(false)
    .describe(
      'Install and set what this machine lacks for its nodes: Docker, pinned and held, and limits of the kernel',
    ),
  packages: z
    .array(z.string().regex(/^[a-z0-9][a-z0-9+.-]+$/, { error: 'is no name of a Debian package' }))
    .default([])
    .describe('Packages to install besides, such as jq; those that are there are left as they are'),
  grow: z.boolean().default(false).describe('Grow the root volume over the free space of its group. Cannot be undone'),
  ufw: z
    .enum(['allow', 'disable', 'remove'])
    .default('allow')
    .describe('A firewall that is on: allow keeps it on, the others switch it off or uninstall it'),
  docker: z
    .record(z.string().min(1), Json)
    .optional()
    .describe("Settings for Docker's daemon.json by their names, such as log-opts.max-size; the others in it are kept"),
  calicoctlConfig: z
    .boolean()
    .default(false)
    .describe('Write /etc/calico/calicoctl.cfg, so that calicoctl finds the cluster by itself'),
  repositories: z
    .strictObject({
      docker: mirrorOf('https://download.docker.com/linux'),
      key: Fingerprint.describe('Fingerprint of the key that the mirror signs with, where it is not Docker’s'),
    })
    .prefault({})
    .describe('Where Docker comes from, on the machine of k3d'),
  proxy: webUrl('a proxy', 'leave it out, and write it into /etc/apt/apt.conf.d')
    .optional()
    .describe("Proxy for apt; apt's own configuration decides when left out"),
  sudo: Secret.optional().describe('Where the password is that sudo asks for on this machine'),
});
