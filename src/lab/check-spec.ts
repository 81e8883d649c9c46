import { isClusterName } from '../core/cluster-name.ts';
import { CpaasError, type Evidence } from '../core/errors.ts';
import { labLayout } from './layout.ts';
import { LabSpec } from './spec.ts';

const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
/** Bytes of the path of a socket, its end included. */
const SOCKET_PATH = 108;

/** A spec that a lab can be made of. Rejects with `LAB.SPEC` and all that is wrong. The cluster file is checked before, with positions. */
export function checkSpec(asked: unknown): LabSpec {
  const parsed = LabSpec.safeParse(asked);
  const problems = parsed.success
    ? problemsOf(parsed.data)
    : parsed.error.issues.map(({ path, message }) => ({ label: path.join('.'), text: message }));
  if (parsed.success && problems.length === 0) return parsed.data;
  throw new CpaasError('LAB.SPEC', 'no lab can be made of this', { evidence: problems });
}

function problemsOf(spec: LabSpec): readonly Evidence[] {
  const names = [...spec.nodes, ...spec.routers].map(({ name }) => name);
  const addresses = [...spec.nodes, ...spec.routers].map(({ address }) => address);
  const problem = (label: string, wrong: readonly string[], text: string) =>
    wrong.length > 0 ? [{ label, text: `${wrong.join(', ')}: ${text}` }] : [];
  return [
    ...problem(
      'name',
      [...(isClusterName(spec.name) ? [] : [spec.name]), ...names.filter((name) => !LABEL.test(name))],
      'not a DNS label',
    ),
    ...problem('name', twice(['vm', 'lan', ...names]), 'two machines of one name'),
    ...problem('address', twice([...addresses, ...(spec.vm ? [spec.vm] : [])]), 'two machines of one address'),
    ...problem('vm', spec.topology === 'vm' && !spec.vm ? ['vm'] : [], 'the topology needs its address'),
    ...problem(
      'name',
      isClusterName(spec.name) ? names.filter((name) => !fits(spec.name, name)) : [],
      'too long, with the name of the lab, for the path of a socket',
    ),
  ];
}

const twice = (names: readonly string[]): readonly string[] => names.filter((name, at) => names.indexOf(name) !== at);
const fits = (lab: string, node: string): boolean => labLayout(lab).node(node).birdSocket.length < SOCKET_PATH;
