import { z } from 'zod';

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
  mirror: z
    .url({ protocol: /^https?$/, error: 'a mirror is a URL with http or https' })
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

export const Host = z.strictObject({
  grow: z.boolean().default(false).describe('Grow the root volume over the free space of its group. Cannot be undone'),
  ufw: z
    .enum(['allow', 'disable', 'remove'])
    .default('allow')
    .describe('A firewall that is on: allow adds the rules needed, the others switch it off or uninstall it'),
});
