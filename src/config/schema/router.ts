import { z } from 'zod';
import { AddressOrNetwork, AsNumber, dnsLabel, Ipv4Address, Ipv6Address } from './fields.ts';
import { Session } from './session.ts';
import { Ssh } from './ssh.ts';

const PEER_GROUP = /^[A-Za-z_][A-Za-z0-9_.-]{0,62}$/;
const SELF_IP = /^(\/[A-Za-z0-9_.-]+\/)?[A-Za-z0-9_][A-Za-z0-9_.-]*$/;

/** How cpaas acts on a BIG-IP. */
export const BigIp = z.strictObject({
  ssh: Ssh.optional().describe('How to log in to the management or self-IP address; only a lab can do without'),
  routeDomain: z.number().int().min(0).max(65534).default(0).describe('Route domain that BGP runs in'),
  selfIp: z
    .string()
    .regex(SELF_IP, {
      error:
        'selfIp is the name of the self-IP object, such as internal; its address goes into the address of the router',
    })
    .default('internal')
    .describe('Name of the self-IP whose port lockdown must admit tcp 179. Not a floating one'),
  peerGroup: z
    .string()
    .regex(PEER_GROUP, {
      error: 'a peer group has a name such as calico-k8s: it begins with a letter, then letters, digits, _ . -',
    })
    .default('calico-k8s')
    .describe('Peer group that the nodes join in imish'),
  routerId: Ipv4Address.optional().describe('BGP identifier, another one for each unit; the unit chooses one itself'),
  updateSource: z
    .string()
    .regex(SELF_IP, { error: 'updateSource is the name of a VLAN or an address of the unit' })
    .optional()
    .describe('VLAN or address that sessions with the nodes come from; the way to each node decides'),
  logNeighborChanges: z.boolean().default(false).describe('Whether the unit logs sessions that come and go'),
  revertAfter: z
    .number()
    .int()
    .min(5)
    .max(3600)
    .default(120)
    .describe('Seconds until the unit takes a change of BGP back that cpaas did not confirm: more for a slow link'),
});

/** A unit's second sessions, with nodes of both protocols. */
const OverIpv6 = z.strictObject({
  address: Ipv6Address.describe('Self-IP that nodes peer with over IPv6: not floating, not link-local'),
  selfIp: z
    .string()
    .regex(SELF_IP, { error: 'selfIp is the name of the self-IP object, such as internal-v6' })
    .describe('Name of that self-IP, whose port lockdown must admit tcp 179 too'),
});

export const Router = z.strictObject({
  name: dnsLabel(32).describe('What you call the unit; also the name of its BGPPeer'),
  address: Ipv4Address.describe('Self-IP that nodes peer with: not floating, and not the management address'),
  ipv6: OverIpv6.optional().describe('Sessions over IPv6 besides, for the IPv6 blocks of a dual-stack cluster'),
  asNumber: AsNumber.optional().describe("The router's AS number; bgp.asNumber, which is iBGP. Another one is eBGP"),
  bigip: BigIp.prefault({}).describe('The unit as cpaas configures it'),
  session: Session.prefault({}).describe('Its sessions with the nodes'),
  peers: z.array(z.string()).default([]).describe('Names of other routers of this file that it also peers with'),
  sources: z
    .array(AddressOrNetwork)
    .default([])
    .describe(
      'Further addresses that its traffic to pods may come from: SNAT pools, floating self-IPs, client networks',
    ),
});
