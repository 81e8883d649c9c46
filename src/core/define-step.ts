import type { Closer, ElementChange, Step, Wanted } from './step.ts';
import type { Closing, StepKind } from './step-kind.ts';

/** Makes steps of one kind; the registry holds these so that a journal record can become a step again. */
export interface StepFactory<Place, Value> {
  readonly kind: string;
  (place: Place, want: Wanted<Value>): Step;
  /** The same place from the journal, with the wishes given; none when left out. */
  revive(place: unknown, want?: Wanted<unknown>): Step;
}

/** Binds what the author of a kind says to places. */
export function defineStep<Place, Value>(spec: StepKind<Place, Value>): StepFactory<Place, Value> {
  const value = (raw: unknown) => (raw === undefined ? undefined : spec.value.parse(raw));
  const parse = ({ from, to, before, adopted: _, ...change }: ElementChange): ElementChange<Value> => ({
    ...change,
    from: value(from),
    to: value(to),
    before: value(before),
  });
  const bind = (place: Place, want: Wanted<unknown>): Step => ({
    id: `${spec.kind}:${spec.id(place)}`,
    kind: spec.kind,
    title: spec.title(place),
    host: spec.host(place),
    undo: spec.undo,
    adoptable: spec.adoptable ?? spec.undo !== 'never',
    within: spec.within?.(place),
    place,
    want: new Map([...want].map(([key, wanted]) => [key, plain(wanted)])),
    close: spec.close && !spec.close.needless?.(place) ? bindClosing(spec.close, place) : undefined,
    read: async (ctx, keys) => {
      const seen = await spec.read(ctx, place, keys);
      return new Map([...seen].map(([key, { value, ...mark }]) => [key, { value: plain(value), ...mark }]));
    },
    claim: (key, seen, wanted, ours, past = { cause: 'wanted', asLeft: ours }) => {
      const there = seen && { ...seen, value: spec.value.parse(seen.value) };
      return spec.claim(key, there, spec.value.parse(wanted), ours, place, past);
    },
    risk: (change) => spec.risk(parse(change), place),
    partOf: (key) => spec.partOf?.(key) ?? [],
    hidden: (key) => spec.hidden?.(key) ?? false,
    describe: (change) => spec.describe?.(parse(change), place) ?? words(change),
    fetch: async (ctx, changes) => spec.fetch?.(ctx, place, changes.map(parse)),
    commands: (changes) => spec.commands(place, changes.map(parse)),
    write: async (ctx, changes) => {
      const parsed = changes.map(parse);
      if (spec.write) return spec.write(ctx, place, parsed);
      for (const { host = spec.host(place), argv, stdin } of spec.commands(place, parsed))
        await ctx.host(host).run(argv, stdin === undefined ? {} : { stdin });
    },
  });
  return Object.assign(bind, {
    kind: spec.kind,
    revive: (place: unknown, want: Wanted<unknown> = []) => bind(spec.place.parse(place), want),
  });
}

function bindClosing<Place>(close: Closing<Place>, place: Place): Closer {
  return {
    id: close.id(place),
    title: close.title(place),
    commands: close.commands(place),
    before: async (ctx) => close.before?.(ctx, place),
    act: (ctx, found) => close.act(ctx, place, found),
  };
}

const words = ({ key, from, to }: ElementChange): string => [key, shown(to ?? from)].filter(Boolean).join(' ');
const shown = (value: unknown): string =>
  value === true || value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value);

/** As the journal will give it back: absent properties are absent, not undefined. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
