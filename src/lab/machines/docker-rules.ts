import type { LabSpec } from '../spec.ts';
import type { RuleSet } from './rules.ts';

/** A container as Docker's rules name it. `published` is the port whose door Docker opens in the host. */
export interface Container {
  readonly address: string;
  readonly published?: { readonly port: number; readonly hostPort: number };
}

interface DockerNetwork {
  readonly bridge: string;
  /** IPv4 network in prefix notation. */
  readonly subnet: string;
  readonly containers: readonly Container[];
}

/** What a Docker engine of that generation puts in the host's tables for one bridge network. */
export function dockerRules(generation: LabSpec['docker'], network: DockerNetwork): RuleSet {
  switch (generation) {
    case 'none':
      return { filter: { chains: [], rules: [], policies: { FORWARD: 'ACCEPT' } } };
    case '20.10':
      return { nat: nat(network), filter: isolationStages(network) };
    case '28.0':
      return { raw: { chains: [], rules: rawPublished(network) }, nat: nat(network), filter: forwardChains(network) };
    case '28.2':
      return { raw: { chains: [], rules: rawContainers(network) }, nat: nat(network), filter: forwardChains(network) };
  }
}

/**
 * Up to 27: what is not accepted falls to the policy, which Docker sets to DROP when it switches forwarding on itself.
 * Source: `iptables-save` of Docker 20.10.24.
 */
const isolationStages = ({ bridge, containers }: DockerNetwork) =>
  ({
    policies: { FORWARD: 'DROP' },
    chains: ['DOCKER', 'DOCKER-ISOLATION-STAGE-1', 'DOCKER-ISOLATION-STAGE-2', 'DOCKER-USER'],
    rules: [
      '-A FORWARD -j DOCKER-USER',
      '-A FORWARD -j DOCKER-ISOLATION-STAGE-1',
      `-A FORWARD -o ${bridge} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`,
      `-A FORWARD -o ${bridge} -j DOCKER`,
      `-A FORWARD -i ${bridge} ! -o ${bridge} -j ACCEPT`,
      `-A FORWARD -i ${bridge} -o ${bridge} -j ACCEPT`,
      ...acceptPublished(bridge, containers),
      `-A DOCKER-ISOLATION-STAGE-1 -i ${bridge} ! -o ${bridge} -j DOCKER-ISOLATION-STAGE-2`,
      '-A DOCKER-ISOLATION-STAGE-1 -j RETURN',
      `-A DOCKER-ISOLATION-STAGE-2 -o ${bridge} -j DROP`,
      '-A DOCKER-ISOLATION-STAGE-2 -j RETURN',
      '-A DOCKER-USER -j RETURN',
    ],
  }) as const;

/** From 28.0 on: a DROP for each bridge, whatever the policy. Source: the rules that moby's iptabler documents for v28. */
const forwardChains = ({ bridge, containers }: DockerNetwork) =>
  ({
    policies: { FORWARD: 'DROP' },
    chains: ['DOCKER', 'DOCKER-BRIDGE', 'DOCKER-CT', 'DOCKER-FORWARD', 'DOCKER-INTERNAL', 'DOCKER-USER'],
    rules: [
      '-A FORWARD -j DOCKER-USER',
      '-A FORWARD -j DOCKER-FORWARD',
      ...acceptPublished(bridge, containers),
      `-A DOCKER ! -i ${bridge} -o ${bridge} -j DROP`,
      `-A DOCKER-BRIDGE -o ${bridge} -j DOCKER`,
      `-A DOCKER-CT -o ${bridge} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`,
      '-A DOCKER-FORWARD -j DOCKER-CT',
      '-A DOCKER-FORWARD -j DOCKER-INTERNAL',
      '-A DOCKER-FORWARD -j DOCKER-BRIDGE',
      `-A DOCKER-FORWARD -i ${bridge} -j ACCEPT`,
    ],
  }) as const;

/** 28.0 and 28.1 guard the published ports of a container against packets that were not translated. */
const rawPublished = ({ bridge, containers }: DockerNetwork): readonly string[] =>
  containers.flatMap(({ address, published }) =>
    published ? [`-A PREROUTING -d ${address}/32 ! -i ${bridge} -p tcp -m tcp --dport ${published.port} -j DROP`] : [],
  );

/** From 28.2 on each container's address is guarded. */
const rawContainers = ({ bridge, containers }: DockerNetwork): readonly string[] =>
  containers.map(({ address }) => `-A PREROUTING -d ${address}/32 ! -i ${bridge} -j DROP`);

const nat = ({ bridge, subnet, containers }: DockerNetwork) => ({
  chains: ['DOCKER'],
  rules: [
    '-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER',
    '-A OUTPUT ! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j DOCKER',
    `-A POSTROUTING -s ${subnet} ! -o ${bridge} -j MASQUERADE`,
    `-A DOCKER -i ${bridge} -j RETURN`,
    ...containers.flatMap(({ address, published }) =>
      published
        ? [
            `-A DOCKER ! -i ${bridge} -p tcp -m tcp --dport ${published.hostPort} -j DNAT --to-destination ${address}:${published.port}`,
          ]
        : [],
    ),
  ],
});

const acceptPublished = (bridge: string, containers: readonly Container[]): readonly string[] =>
  containers.flatMap(({ address, published }) =>
    published
      ? [`-A DOCKER -d ${address}/32 ! -i ${bridge} -o ${bridge} -p tcp -m tcp --dport ${published.port} -j ACCEPT`]
      : [],
  );
