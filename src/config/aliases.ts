import { type Alias, type Document, visit } from 'yaml';

/** More than a person writes. Looking each one up costs a walk through the document. */
const MOST_ALIASES = 100;

interface Trouble {
  readonly offset: number;
  readonly message: string;
}

/** A YAML document as plain data, or the alias that prevents it. */
export function toData(document: Document.Parsed): { readonly data?: unknown; readonly trouble?: Trouble } {
  const aliases = aliasesOf(document);
  const trouble = (alias: Alias | undefined, message: string) => ({
    trouble: { offset: alias?.range?.[0] ?? 0, message },
  });
  if (aliases.length > MOST_ALIASES)
    return trouble(aliases[MOST_ALIASES], `more than ${MOST_ALIASES} aliases (*name) cannot be meant`);
  const lost = aliases.find((alias) => alias.resolve(document) === undefined);
  if (lost) return trouble(lost, `no anchor &${lost.source} stands before`);
  try {
    return { data: document.toJS({ maxAliasCount: MOST_ALIASES }) };
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    return trouble(aliases.at(-1), 'aliases (*name) of aliases multiply: too many to be meant');
  }
}

function aliasesOf(document: Document.Parsed): readonly Alias[] {
  const found: Alias[] = [];
  visit(document, {
    Alias: (_, alias) => {
      found.push(alias);
    },
  });
  return found;
}
