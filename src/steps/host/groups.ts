import { z } from 'zod';
import { defineStep } from '../../core/define-step.ts';
import { reading } from '../../core/reading.ts';
import { Within } from '../../host/within.ts';

const Place = z.strictObject({ host: z.string(), user: z.string(), within: Within });
export type HostGroupsPlace = z.infer<typeof Place>;

/** Groups that a user of a host belongs to besides his own, by their names. */
export const hostGroups = defineStep<HostGroupsPlace, true>({
  kind: 'host.groups',
  place: Place,
  value: z.literal(true),
  undo: 'down',
  id: ({ host, user }) => `${host}/${user}`,
  title: ({ user }) => `Groups of ${user}`,
  host: ({ host }) => host,
  within: ({ within }) => within,
  claim: () => 'take',
  describe: ({ key, to }) => (to ? key : `${key} no longer`),
  risk: () => ({ risk: 'additive' }),

  async read(ctx, { host, user }, keys) {
    const names = [...keys];
    if (names.length === 0) return new Map();
    const { stdout } = await ctx.host(host).query(reading(['getent', 'group', ...names], { codes: [2] }));
    const members = new Map(
      stdout.split('\n').map((line) => [line.split(':')[0] ?? '', line.split(':')[3]?.split(',') ?? []]),
    );
    return new Map(names.filter((name) => members.get(name)?.includes(user)).map((name) => [name, { value: true }]));
  },

  commands: ({ user }, changes) => changes.map(({ key, to }) => ({ argv: ['gpasswd', to ? '-a' : '-d', user, key] })),

  close: {
    id: ({ host, user }) => `login:${host}/${user}`,
    title: ({ user }) => `logins of ${user}`,
    commands: () => [],
    // Groups are given to a login when it begins.
    act: async (_, { user }) => `${user} has them from the next login on; in this one: newgrp docker`,
  },
});
