import { z } from 'zod';

const Path = z.object({
  valid: z.boolean().optional(),
  bestpath: z.boolean().optional(),
  stale: z.boolean().optional(),
  pathFrom: z.string(),
  metric: z.number().optional(),
  locPrf: z.number().optional(),
  weight: z.number().optional(),
  path: z.string(),
  peerId: z.string().optional(),
  origin: z.string(),
  nexthops: z.array(z.object({ ip: z.string() })).min(1),
});
type Path = z.infer<typeof Path>;

/** FRR's `show ip bgp json`; without a BGP process an empty object. */
const Table = z.object({
  tableVersion: z.number().optional(),
  routerId: z.string().optional(),
  routes: z.record(z.string(), z.array(Path)).optional(),
});

export interface TableOptions {
  /** Releases differ in the widths of their columns; which has which is not known. */
  readonly columns?: 'usual' | 'other';
  /** Only what this neighbor told. */
  readonly from?: string;
  /** Only this network. */
  readonly only?: string;
}

/** Width of a number. */
const WIDTH = { usual: 10, other: 6 } as const;

const HEAD = `Status codes: s suppressed, d damped, h history, * valid, > best, i - internal, l - labeled
              S Stale
Origin codes: i - IGP, e - EGP, ? - incomplete
`;

/** `show ip bgp`. A network wider than its column leaves the rest to the next line. */
export function renderTable(json: unknown, { columns = 'usual', from, only }: TableOptions = {}): string {
  const { tableVersion = 0, routerId = '0.0.0.0', routes = {} } = Table.parse(json);
  const wanted = Object.entries(routes).filter(([network]) => only === undefined || network === only);
  const rows = wanted.flatMap(([network, paths]) => {
    const shown = from === undefined ? paths : paths.filter((path) => path.peerId === from);
    return shown.length === 0
      ? []
      : [shown.map((path, index) => row(index === 0 ? network : '', path, columns)).join('')];
  });
  if (rows.length === 0) return '';
  const head = `BGP table version is ${tableVersion}, local router ID is ${routerId}\n${HEAD}`;
  return `${head}\n${titles(columns)}${rows.join('')}\nTotal number of prefixes ${rows.length}\n`;
}

function titles(columns: 'usual' | 'other'): string {
  const [metric, preference, weight] = ['Metric', 'LocPrf', 'Weight'].map((each) => each.padStart(WIDTH[columns]));
  return `   Network          Next Hop        ${metric} ${preference} ${weight} Path\n`;
}

function row(network: string, path: Path, columns: 'usual' | 'other'): string {
  const marks = [
    path.stale ? 'S' : path.valid ? '*' : ' ',
    path.bestpath ? '>' : ' ',
    path.pathFrom === 'internal' ? 'i' : ' ',
  ].join('');
  const first = network.length > 16 ? `${network}\n${' '.repeat(20)}` : network.padEnd(17);
  const number = (value: number | undefined) => String(value ?? '').padStart(WIDTH[columns]);
  const origin = { IGP: 'i', EGP: 'e', incomplete: '?' }[path.origin] ?? '?';
  const trail = path.path === '' ? origin : `${path.path} ${origin}`;
  const hop = (path.nexthops[0]?.ip ?? '').padEnd(16);
  return `${marks}${first}${hop}${number(path.metric ?? 0)} ${number(path.locPrf)} ${number(path.weight ?? 0)} ${trail}\n`;
}
