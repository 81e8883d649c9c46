/** What a stream and the user's settings allow. */
export interface Environment {
  readonly tty: boolean;
  readonly color: boolean;
  readonly unicode: boolean;
  /** Columns; 80 where there is no terminal. */
  readonly width: number;
}

export type Variables = Readonly<Record<string, string | undefined>>;

/** A stream that may be a terminal. */
export type Screen = NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };

/** Reads what a stream can show. `--no-color` comes as `noColor`; FORCE_COLOR wins over NO_COLOR, as in Node. */
export function environmentOf(
  stream: Pick<Screen, 'isTTY' | 'columns'>,
  env: Variables,
  { noColor = false }: { readonly noColor?: boolean } = {},
): Environment {
  const tty = stream.isTTY === true;
  return { tty, color: !noColor && hasColor(tty, env), unicode: isUnicode(env), width: stream.columns || 80 };
}

function hasColor(tty: boolean, { FORCE_COLOR: force, NO_COLOR: no, TERM: term }: Variables): boolean {
  if (force !== undefined && force !== '') return force !== '0' && force !== 'false';
  return tty && !no && term !== 'dumb';
}

/** The locale decides, as it does for every other program; where none is set, UTF-8 is what Node writes anyway. */
function isUnicode({ LC_ALL, LC_CTYPE, LANG, TERM }: Variables): boolean {
  const locale = LC_ALL || LC_CTYPE || LANG;
  return TERM !== 'linux' && (!locale || /utf-?8/i.test(locale));
}
