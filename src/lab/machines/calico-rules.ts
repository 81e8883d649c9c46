import type { RuleSet } from './rules.ts';

/** Felix's rule for a pool with `natOutgoing`: a pod that leaves the pools shows its node's address. */
export function natOutgoingRules(pods: string): RuleSet {
  return {
    nat: {
      chains: ['cali-POSTROUTING', 'cali-nat-outgoing'],
      rules: [
        '-A POSTROUTING -j cali-POSTROUTING',
        '-A cali-POSTROUTING -j cali-nat-outgoing',
        `-A cali-nat-outgoing -s ${pods} ! -d ${pods} -j MASQUERADE --random-fully`,
      ],
    },
  };
}
