export interface ServiceState {
  /** Started with the machine. */
  readonly enabled: boolean;
  readonly active: boolean;
}

export const showServices = (units: readonly string[]): readonly string[] => [
  ...['systemctl', 'show', '--property=LoadState,UnitFileState,ActiveState', '--', ...units],
];

/** What `showServices` printed, a paragraph for each unit in the order they were asked for. One that is not there does neither. */
export function parseServices(printed: string, units: readonly string[]): ReadonlyMap<string, ServiceState> {
  const paragraphs = printed.trim().split(/\n\n+/);
  return new Map(
    units.map((unit, at) => {
      const property = (name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(paragraphs[at] ?? '')?.[1] ?? '';
      const enabled = /^(enabled|enabled-runtime|alias)$/.test(property('UnitFileState'));
      return [unit, { enabled, active: /^(active|activating|reloading)$/.test(property('ActiveState')) }];
    }),
  );
}
