import { z } from 'zod';
import { SecretRef } from './secret.ts';

/** This machine. */
const LocalHost = z.strictObject({ via: z.literal('local') });

/** A network namespace of this machine. `path` goes before PATH there: the lab's own tools. */
const NetnsHost = z.strictObject({
  via: z.literal('netns'),
  namespace: z.string(),
  path: z.array(z.string()).optional(),
});

/** A machine reached by SSH. What is left out comes from the user's ssh configuration. */
export const SshHost = z.strictObject({
  via: z.literal('ssh'),
  host: z.string(),
  port: z.number().int().min(1).max(65535).optional(),
  user: z.string().optional(),
  identityFiles: z.array(z.string()).optional(),
  password: SecretRef.optional(),
  passphrase: SecretRef.optional(),
  /** A program whose standard input and output lead to the host, as argv. */
  proxyCommand: z.array(z.string()).optional(),
  /** Hosts to go through, as for `ssh -J`. */
  proxyJump: z.string().optional(),
  /** Further known_hosts files, asked after the user's own and the cluster's. */
  knownHosts: z.array(z.string()).optional(),
});
export type SshHost = z.infer<typeof SshHost>;

/** Whichever of some machines can be reached, by their keys: the first that has a file, or that answers where none of them has it. */
const AnyHost = z.strictObject({ via: z.literal('any'), of: z.array(z.string()), having: z.string() });

/** How a machine is reached. Kept in the state, so that `down` finds it again without the cluster file. */
const Reach = z.discriminatedUnion('via', [LocalHost, NetnsHost, SshHost, AnyHost]);
export type Reach = z.infer<typeof Reach>;

/**
 * A machine as the rest of cpaas knows it. Its key, in the tables that hold these, is its endpoint
 * (`netns:cpaas1-vm`, `ssh://root@10.10.2.20`), which stays the same when the file gives it another name.
 */
export const HostSpec = z.strictObject({
  /** What people call it: the file's name for it. */
  name: z.string(),
  reach: Reach,
  /**
   * Whether commands go by sudo: all of them, or only those that change something or show what root alone may see. Root needs none on
   * this machine.
   */
  sudo: z.union([z.boolean(), z.literal('changes')]).optional(),
  /** What sudo asks for; by SSH the password of the login when left out. */
  sudoPassword: SecretRef.optional(),
  /** A group that the login may belong to only since it began: what is refused for want of it goes by sg. */
  group: z.string().optional(),
  /** Whether a login may get tmsh in place of a shell: a BIG-IP's. */
  tmsh: z.boolean().optional(),
  /** What makes it the same machine at another address. Left out where only the machine itself can tell. */
  identity: z.string().optional(),
});
export type HostSpec = z.infer<typeof HostSpec>;

export type HostTable = Readonly<Record<string, HostSpec>>;
