import { applyEdits, modify, type ParseError, parse } from 'jsonc-parser';
import { CpaasError } from '../core/errors.ts';

export const DAEMON_JSON = '/etc/docker/daemon.json';

/** The settings in Docker's daemon.json; an empty file has none. Throws `DOCKER.SETTINGS` where it is no JSON object. */
export function parseDaemonJson(text: string, host: string): Readonly<Record<string, unknown>> {
  if (isEmpty(text)) return {};
  const errors: ParseError[] = [];
  const value: unknown = parse(text, errors, { disallowComments: true });
  if (errors.length === 0 && typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  const line = text.slice(0, errors[0]?.offset ?? 0).split('\n').length;
  throw new CpaasError(
    'DOCKER.SETTINGS',
    `${host}: ${DAEMON_JSON} is no JSON object, so Docker cannot read it either`,
    {
      evidence: [{ label: `line ${line}`, text: text.split('\n')[line - 1]?.trim() || '(nothing)' }],
      next: [{ label: 'mend it, or move it away', command: `dockerd --validate --config-file ${DAEMON_JSON}` }],
    },
  );
}

/** A setting: `log-driver`, or `log-opts.max-size` for one inside an object. */
export const settingAt = (settings: Readonly<Record<string, unknown>>, key: string): unknown =>
  pathOf(key).reduce<unknown>((value, name) => (value as Record<string, unknown> | undefined)?.[name], settings);

/**
 * The text with settings changed, and everything else in it as it was; an object that became empty goes. An empty file comes back as `{}`,
 * which is the same to Docker.
 */
export function editDaemonJson(text: string, changes: Iterable<readonly [string, unknown]>): string {
  let edited = isEmpty(text) ? '{}\n' : text;
  for (const [key, value] of changes) {
    edited = set(edited, pathOf(key), value);
    const [outer = '', inner] = pathOf(key);
    const left = inner === undefined ? undefined : settingAt(parse(edited) as Record<string, unknown>, outer);
    if (value === undefined && left && Object.keys(left).length === 0) edited = set(edited, [outer], undefined);
  }
  return edited;
}

/** As Docker sees it. */
const isEmpty = (text: string): boolean => text.trim() === '';

const pathOf = (key: string): string[] => key.split('.');
/** Without any layout: what was taken out again leaves a person's own as it was. */
const set = (text: string, path: string[], value: unknown): string => applyEdits(text, modify(text, path, value, {}));

/** A new file with settings, for people to read. */
export const newDaemonJson = (changes: Iterable<readonly [string, unknown]>): string =>
  `${JSON.stringify(parse(editDaemonJson('{}', changes)), undefined, 2)}\n`;
