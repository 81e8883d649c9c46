import type { BgpSettings, Filter, FilterRule, Pool } from './model.ts';

const OPERATORS = { Equal: '=', NotEqual: '!=', In: '~', NotIn: '!~' } as const;

/** BIRD's name for a filter's function; quoted, since names of objects have dots and dashes. */
export const filterFunction = (name: string, direction: 'import' | 'export') => `'bgp_${name}_${direction}FilterV4'`;

/** The functions of the BGPFilters. What matches no rule goes on behind the call. */
export function filterFunctions(filters: readonly Filter[]): readonly string[] {
  return filters.flatMap(({ name, exports, imports }) => [
    ...filterBody(filterFunction(name, 'import'), imports),
    ...filterBody(filterFunction(name, 'export'), exports),
  ]);
}

const filterBody = (name: string, rules: readonly FilterRule[]): readonly string[] =>
  rules.length === 0 ? [] : [`function ${name}() {`, ...rules.map((rule) => `  ${ruleLine(rule)}`), '}'];

function ruleLine(rule: FilterRule): string {
  const { cidr, operator, length, remotePeers } = rule;
  const conditions = [
    ...(cidr === undefined || operator === undefined ? [] : [`net ${OPERATORS[operator]} ${network(cidr, length)}`]),
    ...(rule.interface === undefined ? [] : [`ifname ~ "${rule.interface}"`]),
    ...(remotePeers ? ['source = RTS_BGP'] : []),
  ];
  const verdict = `${rule.action.toLowerCase()};`;
  return conditions.length === 0
    ? verdict
    : `if (${conditions.map((text) => `(${text})`).join(' && ')}) then { ${verdict} }`;
}

const network = (cidr: string, length: FilterRule['length']) =>
  length === undefined ? cidr : `[ ${cidr}{${length.min},${length.max}} ]`;

/** What all exports go through, in the order of Calico's own template: pools that are not exported, own blocks, the other pools. */
export function exportFunctions(
  { advertisements }: BgpSettings,
  blocks: readonly string[],
  pools: readonly Pool[],
): readonly string[] {
  return [
    'function apply_communities() {',
    ...advertisements.map(
      ({ cidr, communities }) => `  if ( net ~ ${cidr} ) then { ${communities.map(addCommunity).join(' ')} }`,
    ),
    '}',
    'function calico_aggr() {',
    ...blocks.flatMap((block) => [
      `  if ( net = ${block} ) then { accept; }`,
      `  if ( net ~ ${block} ) then { reject; }`,
    ]),
    '}',
    'function reject_disabled_pools() {',
    ...pools.filter(({ disableExport }) => disableExport).map(({ cidr }) => `  if ( net ~ ${cidr} ) then { reject; }`),
    '}',
    'function reject_tunnel_routes() {',
    '  if ((ifname ~ "*.cali") || (ifname ~ "*.calico")) then { reject; }',
    '}',
    'function reject_local_routes() {',
    '  if (ifname ~ "bpf*.cali") then { reject; }',
    '}',
    'function calico_export_to_bgp_peers(bool internal_peer) {',
    '  reject_disabled_pools();',
    '  if (internal_peer) then { reject_tunnel_routes(); }',
    '  reject_local_routes();',
    '  apply_communities();',
    '  calico_aggr();',
    ...pools.filter(({ disableExport }) => !disableExport).map(({ cidr }) => `  if ( net ~ ${cidr} ) then { accept; }`),
    '}',
    'filter calico_kernel_programming {',
    // BIRD 1.6 keeps routes of interfaces out of the kernel by itself.
    '  if (source = RTS_DEVICE) then { reject; }',
    '  accept;',
    '}',
  ];
}

function addCommunity(value: string): string {
  const parts = value.split(':').join(', ');
  return value.split(':').length === 3 ? `bgp_large_community.add((${parts}));` : `bgp_community.add((${parts}));`;
}
