import type { Output } from '../../core/transport.ts';

/** Lists the state of packages; the exit code is 1 where one is not known. */
export const listPackages = (names: readonly string[]): readonly string[] => [
  // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg's own placeholders
  ...['dpkg-query', '-W', '-f', '${Package}\\t${db:Status-Abbrev}\\t${Version}\\n', ...names],
];

export interface PackageState {
  readonly version: string;
  readonly held: boolean;
}

/**
 * What `listPackages` printed, for those that are installed. One that only left its configuration behind is not, nor one where a run of
 * dpkg was cut off before its end.
 */
export function parsePackages({ stdout }: Pick<Output, 'stdout'>): ReadonlyMap<string, PackageState> {
  return new Map(
    stdout.split('\n').flatMap((line) => {
      const [name = '', status = '', version = ''] = line.split('\t');
      // desired, status, error: `ii `, `hi `, `iF `, `rc `
      const [desired, is, error] = status;
      return is === 'i' && error !== 'R' ? [[name, { version, held: desired === 'h' }] as const] : [];
    }),
  );
}
