import { meshOff, tunnelsAndBgp, usableAsNumbers } from './checks/bgp.ts';
import type { Check } from './checks/check.ts';
import { labAddresses, labNames, labRoutersOnLan, labSize, labSwitches, labTunnels, labVm } from './checks/lab.ts';
import { ownName } from './checks/name.ts';
import {
  distinctNetworks,
  dockerBridge,
  gatewayOnLan,
  nodesFit,
  podBlocks,
  usableNetworks,
} from './checks/networks.ts';
import {
  controlPlane,
  distinctHosts,
  hostsOnNodeNetwork,
  keyOfMirrors,
  labFetchesNothing,
  networksGiven,
  oddServers,
  oneProvider,
  oneWayIn,
  persistedRoutes,
} from './checks/providers.ts';
import {
  distinctRouters,
  peersAgree,
  peersExist,
  routersAreNotHosts,
  routersCanHaveAddress,
  routersOutside,
  someRouters,
  sourcesOutside,
  sshGiven,
} from './checks/routers.ts';
import {
  distinctRouterIds,
  multihopBetweenAs,
  partnersSignAlike,
  signedWithoutNat,
  timersFit,
} from './checks/sessions.ts';
import { versionsFit } from './checks/versions.ts';

/** Everything about a cluster file that no single field can know. The order does not matter: problems are told by position. */
export const CHECKS: readonly Check[] = [
  ownName,
  oneProvider,
  networksGiven,
  distinctHosts,
  hostsOnNodeNetwork,
  controlPlane,
  keyOfMirrors,
  oddServers,
  persistedRoutes,
  labFetchesNothing,
  oneWayIn,
  usableNetworks,
  distinctNetworks,
  podBlocks,
  nodesFit,
  gatewayOnLan,
  dockerBridge,
  someRouters,
  distinctRouters,
  routersOutside,
  routersCanHaveAddress,
  routersAreNotHosts,
  peersExist,
  peersAgree,
  sourcesOutside,
  sshGiven,
  timersFit,
  distinctRouterIds,
  multihopBetweenAs,
  partnersSignAlike,
  signedWithoutNat,
  usableAsNumbers,
  meshOff,
  tunnelsAndBgp,
  labSize,
  labNames,
  labRoutersOnLan,
  labAddresses,
  labVm,
  labTunnels,
  labSwitches,
  versionsFit,
];
