/** A state a device's shell can be in: how its prompt looks, and what to type to reach its neighbours. */
export interface Mode {
  /** Of the whole last line, from its start to its end. Named groups are what the prompt tells: host, route domain. */
  readonly prompt: RegExp;
  readonly to: Readonly<Record<string, string>>;
}

/** Everything that differs between one network operating system and another. Data, so it can be printed and tested. */
export interface Platform {
  readonly name: string;
  /** In the order in which prompts are tried. */
  readonly modes: Readonly<Record<string, Mode>>;
  /** What the last line looks like when a screen is full, and the key that shows the next one. */
  readonly pager: { readonly prompt: RegExp; readonly key: string };
  /** What the last line looks like when a secret is asked for that nobody has given us. */
  readonly password: RegExp;
}

export interface Hop {
  readonly mode: string;
  readonly line: string;
}

/** The mode whose prompt a line is, and what that prompt tells. */
export function modeOf(
  platform: Platform,
  line: string,
): { readonly mode: string; readonly told: Readonly<Record<string, string>> } | undefined {
  for (const [mode, { prompt }] of Object.entries(platform.modes)) {
    const match = prompt.exec(line);
    if (match) return { mode, told: { ...match.groups } };
  }
  return undefined;
}

/** The lines that lead from one mode to another, by the fewest hops. A way that does not exist is a bug in the platform's table. */
export function route(platform: Platform, from: string, to: string): readonly Hop[] {
  const queue: { readonly mode: string; readonly path: readonly Hop[] }[] = [{ mode: from, path: [] }];
  const seen = new Set([from]);
  for (const { mode, path } of queue) {
    if (mode === to) return path;
    for (const [next, line] of Object.entries(platform.modes[mode]?.to ?? {})) {
      if (seen.has(next)) continue;
      seen.add(next);
      queue.push({ mode: next, path: [...path, { mode: next, line }] });
    }
  }
  throw new Error(`${platform.name}: no way from ${from} to ${to}`);
}
