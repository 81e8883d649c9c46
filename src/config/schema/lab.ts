import { z } from 'zod';
import { UnitSwitches } from '../unit-switches.ts';
import { dnsLabel, Ipv4Address } from './fields.ts';

/** `spec.provider.lab`: the articles' network on this machine, from network namespaces. */
export const Lab = z.strictObject({
  topology: z
    .enum(['vm', 'flat'])
    .default('vm')
    .describe('vm: nodes behind one machine that routes to them; flat: nodes and routers on one LAN'),
  servers: z.number().int().min(1).max(1000).default(1).describe('Control-plane nodes: server-0, server-1, ...'),
  agents: z.number().int().min(0).max(999).default(3).describe('Worker nodes: agent-0, agent-1, ...'),
  docker: z
    .enum(['none', '20.10', '28.0', '28.2'])
    .default('28.2')
    .describe(
      "Whose packet filter rules stand on the VM: those of a generation of Docker (28.2: and later), or nobody's",
    ),
  calicoApi: z
    .enum(['crd', 'v3'])
    .default('crd')
    .describe(
      'crd: what a manifest install serves, written with calicoctl; v3: projectcalico.org/v3, written with kubectl',
    ),
  vm: Ipv4Address.optional().describe("The VM's address on the routers' LAN; .10 of it, or the next that is free"),
  switches: UnitSwitches.extend({
    routers: z.record(dnsLabel(32), UnitSwitches).optional().describe('The same switches for single routers, by name'),
  })
    .prefault({})
    .describe('What the stand-in BIG-IPs do differently, to learn and to test'),
});
