import { z } from 'zod';
import type { Fact } from '../../core/facts.ts';
import { reading } from '../../core/reading.ts';
import { dockerVersion } from '../../versions/docker.ts';

/** A container engine, as it describes itself. */
export interface DockerEngine {
  /** `28.5.2`, `20.10.24+dfsg1`; of one that was built without a number the release that its API is of. */
  readonly version: string;
  /** Version of the control group hierarchy it puts containers into. */
  readonly cgroup?: 1 | 2;
  /** Why a cluster cannot be made with it; nothing for a Docker Engine of this machine. */
  readonly trouble?: string;
  /** It is there and does not answer: whoever asks it something else is told so, too. */
  readonly silent?: true;
}

const Version = z.object({
  Server: z
    .object({
      Version: z.string(),
      ApiVersion: z.string().optional(),
      Platform: z.object({ Name: z.string().optional() }).nullish(),
      Components: z.array(z.object({ Name: z.string() })).nullish(),
    })
    .nullish(),
});
const Info = z.object({
  OperatingSystem: z.string().default(''),
  OSType: z.string().default('linux'),
  CgroupVersion: z.string().optional(),
  SecurityOptions: z.array(z.string()).nullish(),
  /** From 29 on: `iptables`, `nftables`, each perhaps with `+firewalld`. */
  FirewallBackend: z.object({ Driver: z.string() }).nullish(),
});
const Contexts = z.array(z.object({ Endpoints: z.object({ docker: z.object({ Host: z.string().default('') }) }) }));

/** The engine behind `docker` on a machine. Nothing where it is not installed, or does not answer: then `trouble` alone says why. */
export const dockerEngine = (host: string): Fact<DockerEngine> => ({
  name: `docker-engine ${host}`,
  async read(ctx) {
    const machine = ctx.host(host);
    const asked = (...words: readonly string[]) => reading(['docker', ...words], { codes: [1, 125, 127] });
    const [version, info, context] = await machine.queryAll([
      asked('version', '--format', '{{json .}}'),
      asked('info', '--format', '{{json .}}'),
      asked('context', 'inspect'),
    ]);
    if (version?.code === 127)
      return { version: '', trouble: 'Docker is not installed: spec.host.prepare lets cpaas do it' };
    const server = json(Version, version?.stdout)?.Server;
    const said = [version?.stderr, info?.stderr].find(Boolean)?.trim() ?? '';
    // it says so itself, unless it was told not to (/etc/containers/nodocker)
    if (/podman/i.test(said) || info?.stdout.includes('"buildahVersion"')) return { version: '', trouble: PODMAN };
    if (!server)
      return {
        version: '',
        silent: true,
        trouble: `Docker does not answer: ${said.split('\n').at(-1) ?? 'no reason given'}`,
      };
    const facts = { server, info: json(Info, info?.stdout), endpoint: endpointIn(context?.stdout) };
    const trouble = troubleWith(facts);
    const cgroup = facts.info?.CgroupVersion;
    return {
      version: dockerVersion(server.Version, server.ApiVersion),
      ...(cgroup === '1' || cgroup === '2' ? { cgroup: cgroup === '1' ? 1 : 2 } : {}),
      ...(trouble ? { trouble } : {}),
    };
  },
});

const PODMAN = 'this is Podman: its networks have none of the rules that cpaas opens, and k3d supports it only in part';

interface Facts {
  readonly server: NonNullable<z.infer<typeof Version>['Server']>;
  readonly info: z.infer<typeof Info> | undefined;
  readonly endpoint: string | undefined;
}

function troubleWith({ server, info, endpoint }: Facts): string | undefined {
  const { Platform, Components } = server;
  if (Components?.some(({ Name }) => /podman/i.test(Name))) return PODMAN;
  if (/docker desktop/i.test(`${Platform?.Name} ${info?.OperatingSystem}`))
    return 'this is Docker Desktop: its containers run in a virtual machine that a router cannot reach';
  if (info?.SecurityOptions?.some((option) => option.includes('rootless')))
    return 'this Docker is rootless: its networks are not those of the machine, so a router cannot reach them';
  if (info?.FirewallBackend?.Driver.startsWith('nftables'))
    return 'this Docker filters with nftables, where no rule of ours can let packets past its own: firewall-backend iptables, in daemon.json';
  if (endpoint !== undefined && !endpoint.startsWith('unix://'))
    return `docker speaks to another machine (${endpoint}): run cpaas there`;
  if (info && info.OSType !== 'linux') return `this Docker runs ${info.OSType} containers`;
  return undefined;
}

const endpointIn = (text: string | undefined): string | undefined =>
  json(Contexts, text)?.[0]?.Endpoints.docker.Host || undefined;

function json<T>(schema: z.ZodType<T>, text: string | undefined): T | undefined {
  try {
    return schema.parse(JSON.parse(text ?? ''));
  } catch {
    return undefined;
  }
}
