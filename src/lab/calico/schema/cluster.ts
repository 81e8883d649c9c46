import { array, boolean, integer, object, type Schema, string } from './schema.ts';

export const clusterInformation: Schema = object({
  calicoVersion: string,
  clusterGUID: string,
  clusterType: string,
  datastoreReady: boolean,
  variant: string,
});

/** A hundred knobs of the data plane, of which the lab has none: kept as they come. */
export const felixConfiguration: Schema = { type: 'object', open: true };

export const calicoNodeStatus: Schema = object({
  classes: array(string),
  node: string,
  updatePeriodSeconds: integer,
});

const bird = object({
  lastBootTime: string,
  lastReconfigurationTime: string,
  routerID: string,
  state: string,
  version: string,
});
const peers = array(object({ peerIP: string, since: string, state: string, type: string }));
const routes = array(
  object({
    destination: string,
    gateway: string,
    interface: string,
    learnedFrom: object({ peerIP: string, sourceType: string }),
    type: string,
  }),
);

export const calicoNodeStatusStatus: Schema = object({
  agent: object({ birdV4: bird, birdV6: bird }),
  bgp: object(
    {
      numberEstablishedV4: integer,
      numberEstablishedV6: integer,
      numberNotEstablishedV4: integer,
      numberNotEstablishedV6: integer,
      peersV4: peers,
      peersV6: peers,
    },
    ['numberEstablishedV4', 'numberEstablishedV6', 'numberNotEstablishedV4', 'numberNotEstablishedV6'],
  ),
  lastUpdated: { type: 'string', nullable: true },
  routes: object({ routesV4: routes, routesV6: routes }),
});
