import { defineStep } from '../../core/define-step.ts';
import type { Command, ElementChange, Seen } from '../../core/step.ts';
import { BGP_DEFAULTS, BgpSetting, dies, inForce, isNobodyElses, settingsOf, words } from '../../kube/bgp-settings.ts';
import { isOurs, readBgp } from '../../kube/calico-objects.ts';
import { CalicoPlace, calicoPlaceId, patch, put, remove, send } from '../../kube/calico-write.ts';

const NAME = 'default';
/** The object itself is an element too: it does not exist until somebody makes it, and whoever did takes it away. */
const OBJECT = `BGPConfiguration ${NAME}`;

type Change = ElementChange<BgpSetting>;

export interface BgpSettings {
  readonly asNumber: number;
  readonly nodeToNodeMeshEnabled: boolean;
  readonly logSeverityScreen?: string;
}

/** The wishes of a file that says these things of BGP. `Info` is what any writer fills in, so it counts as nothing said. */
export const bgpSettings = ({
  logSeverityScreen,
  ...settings
}: BgpSettings): readonly (readonly [string, BgpSetting])[] => [
  [OBJECT, true],
  ...Object.entries(settings),
  ...(logSeverityScreen === undefined || logSeverityScreen === BGP_DEFAULTS.logSeverityScreen
    ? []
    : ([['logSeverityScreen', logSeverityScreen]] as const)),
];

/** What the cluster's nodes speak BGP with, setting by setting. Settings that the file does not speak of are left alone. */
export const calicoBgpConfiguration = defineStep<CalicoPlace, BgpSetting>({
  kind: 'calico.bgp-configuration',
  place: CalicoPlace,
  value: BgpSetting,
  undo: 'down',
  id: calicoPlaceId,
  title: () => OBJECT,
  host: ({ kube }) => kube.host,
  within: ({ within }) => within,
  describe: ({ key, from, to }) => (key === OBJECT ? OBJECT : words(key, [from, to])),
  risk: ({ key, from, to }) =>
    key === OBJECT || inForce(key, from) === inForce(key, to)
      ? { risk: 'additive' }
      : { risk: 'disruptive', why: dies(key, to) },
  claim: (key, seen, want, ours) =>
    key === 'asNumber' && seen && !ours
      ? { conflict: `${OBJECT} is somebody else's and has AS ${seen.value}, not ${want}` }
      : 'take',

  async read(ctx, { kube, cluster, api }) {
    const object = (await readBgp(ctx, kube, api, 'BGPConfiguration')).find(({ name }) => name === NAME);
    if (!object) return new Map();
    const ours = isOurs(object, cluster);
    const seen = new Map<string, Seen<BgpSetting>>();
    seen.set(OBJECT, { value: true, mark: ours && isNobodyElses(object.spec) ? 'ours' : 'other' });
    for (const [field, value] of settingsOf(object.spec)) seen.set(field, { value, ...(ours ? { mark: 'ours' } : {}) });
    return seen;
  },

  commands,
  write: (ctx, place, changes) => send(ctx, place, commands(place, changes)),
});

function commands(place: CalicoPlace, changes: readonly Change[]): readonly Command[] {
  const object = changes.find(({ key }) => key === OBJECT);
  const settings = changes.filter(({ key }) => key !== OBJECT);
  if (object && object.to === undefined) return remove('BGPConfiguration', place, [NAME]);
  if (object) return put('create', place, [{ kind: 'BGPConfiguration', name: NAME, spec: specOf(settings) }]);
  if (settings.length === 0) return [];
  return patch('BGPConfiguration', NAME, place, specOf(settings, null));
}

/** The settings that changes ask for; those to be taken away are left out, or null. */
function specOf(changes: readonly Change[], absent?: null): Readonly<Record<string, unknown>> {
  const entries = changes.map(({ key, to }) => [key, to ?? absent] as const);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}
