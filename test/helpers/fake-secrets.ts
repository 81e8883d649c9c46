import { loadAll } from 'js-yaml';
import type { Ending, FakeProgram, Power } from './fake-host.ts';

interface Kept {
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly rules?: readonly { readonly resourceNames: readonly string[] }[];
  readonly stringData?: Readonly<Record<string, string>>;
}

const key = ({ kind, metadata }: Kept): string => `${kind}/${metadata.name}`.toLowerCase();
const refused = (stderr: string): Ending => ({ code: 1, stderr: `Error from server: ${stderr}\n` });

/** kubectl over Secrets and the rights to read them, of one namespace: the commands that cpaas gives, and no others. */
export class FakeSecrets {
  readonly objects = new Map<string, Kept>();
  readonly #power: Power;

  constructor(power: Power, objects: readonly Kept[] = []) {
    this.#power = power;
    for (const object of objects) this.objects.set(key(object), object);
  }

  readonly kubectl: FakeProgram = (args, stdin) => {
    const words = args.slice(args.findIndex((word) => ['get', 'create', 'replace', 'delete'].includes(word)));
    const [verb, ...rest] = words;
    if (verb === 'get') return this.#get(rest);
    if (verb === 'delete') {
      if (rest.slice(0, 3).join(' ') !== '-n calico-system --ignore-not-found') return refused('namespace?');
      for (const name of rest.slice(3)) {
        this.#power.spend();
        this.objects.delete(name);
      }
      return '';
    }
    for (const object of loadAll(stdin) as Kept[]) {
      if (object.metadata.namespace !== 'calico-system') return refused('namespaces not found');
      if ((verb === 'create') === this.objects.has(key(object))) return refused(`${key(object)} exists, or does not`);
      this.#power.spend();
      this.objects.set(key(object), object);
    }
    return '';
  };

  #get([kinds = '', ...rest]: readonly string[]): Ending {
    const selector = (rest[rest.indexOf('-l') + 1] ?? '').split(',').map((pair) => pair.split('='));
    if (!kinds.startsWith('secrets,roles.') || !rest.at(-1)?.startsWith('jsonpath=')) return refused('what?');
    const rows = [...this.objects.values()]
      .filter(({ metadata: { labels = {} } }) => selector.every(([name = '', value]) => labels[name] === value))
      .map(({ kind, metadata, rules }) => `${kind} ${metadata.name} ${rules?.[0]?.resourceNames.join(' ') ?? ''}\n`);
    return rows.join('');
  }

  dump(): unknown {
    return [...this.objects.values()].toSorted((one, other) => key(one).localeCompare(key(other)));
  }
}
