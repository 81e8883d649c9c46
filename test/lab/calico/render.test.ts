import { expect, test } from 'vitest';
import { type BgpNode, type BirdInput, DEFAULT_SETTINGS, type Peer } from '../../../src/lab/calico/bird/model.ts';
import { renderBird } from '../../../src/lab/calico/bird/render.ts';
import { published, withPublished } from './captures.ts';

const node = (name: string, address: string): BgpNode => ({ name, address, labels: {} });
const master = node('kube-master', '10.192.0.2');
const blocks = ['10.0.0.0/30', '10.1.0.0/24', '10.2.0.1/32', '192.168.221.192/26', '192.168.221.64/26'];
const base: BirdInput = {
  node: master,
  nodes: [master],
  settings: DEFAULT_SETTINGS,
  peers: [],
  filters: [],
  blocks,
  pools: [{ cidr: '192.168.0.0/16', disableExport: false }],
};
const peer = (address: string, asNumber: number, other: Partial<Peer> = {}): Peer => ({
  scope: 'Global',
  address,
  asNumber,
  nextHop: 'auto',
  sourceAddress: true,
  filters: [],
  ...other,
});

withPublished('compared with what calico-node renders', () => {
  const mesh = { ...base, nodes: [master, node('kube-node-1', '10.192.0.3'), node('kube-node-2', '10.192.0.4')] };

  test('a mesh of three nodes', () => {
    expect(decisions(renderBird(mesh))).toEqual(rendered('mesh/ipip-off'));
  });

  test('a mesh with a pool that is not exported', () => {
    const pools = [1, 2, 3].map((n) => ({ cidr: `192.168.${n}.0/24`, disableExport: n === 2 }));
    expect(decisions(renderBird({ ...mesh, pools }))).toEqual(rendered('mesh/bgp-export'));
  });

  test('peers of all nodes, on ports of their own, one of them a node', () => {
    const settings = { ...DEFAULT_SETTINGS, mesh: false, asNumber: 64567, listenPort: 150 };
    const peers = [
      peer('10.192.0.1', 64567, { port: 150 }),
      peer('10.192.0.1', 64567, { port: 166 }),
      peer('10.192.0.3', 64567, { port: 150, sourceAddress: false, toNode: node('kube-node-1', '10.192.0.3') }),
    ];
    expect(decisions(renderBird({ ...base, settings, peers }))).toEqual(rendered('explicit_peering/global'));
  });

  test('next hops that are kept, or made our own', () => {
    const settings = { ...DEFAULT_SETTINGS, mesh: false };
    const peers = [peer('10.225.0.4', 65515, { nextHop: 'keep' }), peer('10.225.0.5', 64512, { nextHop: 'self' })];
    expect(decisions(renderBird({ ...base, settings, peers, pools: [] }))).toEqual(
      rendered('next_hop_mode/global_peers'),
    );
  });
});

const rendered = (folder: string) =>
  decisions(
    ['bird.cfg', 'bird_aggr.cfg', 'bird_ipam.cfg'].map((file) => published(`confd/${folder}/${file}`)).join('\n'),
  );

/** What a configuration decides, whichever BIRD's language it is in. */
function decisions(text: string) {
  const config = text.replaceAll(/#.*$/gm, '');
  const all = (pattern: RegExp) => [...config.matchAll(pattern)].map(([, first = '']) => first);
  const sessions = [...config.matchAll(/protocol bgp (\w+) from (\w+) \{([\s\S]*?)\n\}/g)].map(
    ([, name = '', template = '', own = '']) => {
      const body = own + (new RegExp(`template bgp ${template} from [\\s\\S]*?\\n\\}`).exec(config)?.[0] ?? '');
      const first = (pattern: RegExp) => pattern.exec(body)?.[1];
      return {
        name,
        neighbor: first(/neighbor (.*?);/),
        source: first(/source address (.*?);/),
        passive: body.includes('passive on;'),
        multihop: body.includes('multihop;'),
        ttlSecurity: first(/ttl security (.*?);/),
        nextHop: first(/next hop (\w+);/),
        internal: first(/calico_export_to_bgp_peers\((\w+)\)/),
        rejectsTheRest: /reject;\s*\}/.test(body),
      };
    },
  );
  const functionBody = (name: string) =>
    new RegExp(`function ${name}\\s*\\([^)]*\\)\\s*\\{([\\s\\S]*?)\\n\\}`).exec(config)?.[1] ?? '';
  const exported = functionBody('calico_export_to_bgp_peers');
  return {
    sessions,
    routerId: all(/router id (.*?);/g),
    as: all(/local(?: port \d+)? as (\d+);/g),
    port: all(/(?:listen bgp .*|local )port (\d+)/g),
    timers: all(/((?:connect|error) \w+ time [\d,]+);/g),
    blackholes: all(/route (\S+) blackhole;/g),
    order: [...exported.matchAll(/(\w+)\(\);/g)].map(([, name]) => name),
    blocks: [...functionBody('calico_aggr').matchAll(/net (=|~) (\S+) \) then \{ (\w+)/g)].map((match) =>
      match.slice(1),
    ),
    disabled: [...functionBody('reject_disabled_pools').matchAll(/net ~ (\S+)/g)].map(([, cidr]) => cidr),
    pools: [...exported.matchAll(/net ~ (\S+)/g)].map(([, cidr]) => cidr),
  };
}

const session = (text: string, name: string) => new RegExp(`protocol bgp ${name} [\\s\\S]*?\\n\\}`).exec(text)?.[0];

test('a filter is called before the rules of all exports, by a name with dots and dashes', () => {
  const filters = [
    {
      name: 'own-blocks.v1',
      exports: [
        { action: 'Accept', cidr: '10.53.0.0/16', operator: 'In', length: { min: 24, max: 26 }, remotePeers: false },
        { action: 'Reject', remotePeers: true },
      ],
      imports: [],
    },
  ] as const;
  const text = renderBird({ ...base, filters, peers: [peer('10.0.0.1', 65010, { filters: ['own-blocks.v1'] })] });
  expect(text).toContain(
    [
      "function 'bgp_own-blocks.v1_exportFilterV4'() {",
      '  if ((net ~ [ 10.53.0.0/16{24,26} ])) then { accept; }',
      '  if ((source = RTS_BGP)) then { reject; }',
      '}',
    ].join('\n'),
  );
  expect(session(text, 'Global_10_0_0_1')).toContain(
    "export filter { 'bgp_own-blocks.v1_exportFilterV4'(); calico_export_to_bgp_peers(false); reject; };",
  );
});

test('a filter that does not exist changes nothing', () => {
  expect(
    session(renderBird({ ...base, peers: [peer('10.0.0.1', 65010, { filters: ['gone'] })] }), 'Global_10_0_0_1'),
  ).toContain('export filter { calico_export_to_bgp_peers(false); reject; };');
});

test('whatever a peer can have is in its session', () => {
  const all = peer('10.0.0.1', 65010, {
    scope: 'Node',
    localAsNumber: 65000,
    restartTime: 30,
    password: 'se"cret',
    ttlSecurity: 3,
    allowedLocalAs: 2,
    reachableBy: '10.192.0.1',
  });
  const text = renderBird({ ...base, peers: [all] });
  expect(text).toContain('route 10.0.0.1/32 via 10.192.0.1;');
  expect(session(text, 'Node_10_0_0_1')).toMatchInlineSnapshot(`
    "protocol bgp Node_10_0_0_1 from bgp_template {
      local as 65000;
      ttl security on;
      multihop 3;
      neighbor 10.0.0.1 as 65010;
      source address 10.192.0.2;
      graceful restart time 30;
      allow local as 2;
      password "secret";
      ipv4 {
        import filter { accept; };
        export filter { calico_export_to_bgp_peers(false); reject; };
      };
    }"
  `);
});

test('a route reflector leaves the mesh and reflects to the nodes that peer with it', () => {
  const reflector = { ...node('rr', '10.192.0.9'), routeReflectorClusterId: '244.0.0.1' };
  const nodes = [master, reflector];
  expect(renderBird({ ...base, nodes })).not.toContain('Mesh_');
  const text = renderBird({
    ...base,
    node: reflector,
    nodes,
    peers: [peer(master.address, 64512, { toNode: master })],
  });
  expect(session(text, 'Global_10_192_0_2')).toContain('rr client;\n  rr cluster id 244.0.0.1;');
});
