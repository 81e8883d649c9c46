import type { Supply } from '../equipment.ts';
import type { HostFacts } from '../host-facts.ts';

/** What a cluster wants of its machines. */
export interface Expectations {
  readonly cluster: string;
  /** Of Kubernetes: `v1.35.8`. */
  readonly version: string;
  /** CIDRs. */
  readonly nodes: string;
  readonly pods: string;
  readonly services: string;
  /** Where what a machine lacks comes from; nothing where it has to be there already. */
  readonly supply?: Supply;
}

/** A machine of the file, and what is known of it. */
export interface Candidate {
  readonly name: string;
  readonly role: 'control-plane' | 'worker';
  /** As the file has it; the machine's only one in the node network when left out. */
  readonly address?: string;
  readonly facts: HostFacts;
}

/** Looks at one machine among all of the file's. Nothing when it is as it should be. */
export type Check = (candidate: Candidate, all: readonly Candidate[], wanted: Expectations) => string | undefined;
