import { describe, expect, test } from 'vitest';
import { checkSpec } from '../../../src/lab/check-spec.ts';
import { labLayout } from '../../../src/lab/layout.ts';
import { Child } from '../../../src/lab/supervisor/child.ts';
import { Children } from '../../../src/lab/supervisor/children.ts';
import { Pods } from '../../../src/lab/supervisor/pods.ts';
import type { MachineState } from '../../../src/lab/supervisor/state.ts';
import { requireTools } from '../../../src/lab/supervisor/tools.ts';
import { withUnitNames } from '../../../src/lab/supervisor/units.ts';
import { fromWire, toWire } from '../../../src/lab/supervisor/wire.ts';
import { labSpec, nodes } from '../../helpers/lab.ts';

const router = (name: string, address: string) => ({ name, address, selfIp: 'internal', switches: {} });
const unit = (name: string, address: string): MachineState => ({
  kind: 'router',
  name,
  unit: name,
  namespace: `lab-${name}`,
  address,
  made: true,
  running: true,
});
const quiet = () => {};

describe('units', () => {
  test('a router under a new name keeps the name it was made under, at its address', () => {
    const spec = labSpec('lab', { routers: [router('east', '10.10.2.20'), router('west', '10.10.2.21')] });
    const { routers } = withUnitNames(spec, [unit('bigip1', '10.10.2.20')]);
    expect(routers.map(({ name }) => name)).toEqual(['bigip1', 'west']);
  });

  test('a new router that takes the old name of another gets a name of its own', () => {
    const spec = labSpec('lab', { routers: [router('east', '10.10.2.20'), router('bigip1', '10.10.2.21')] });
    const { routers } = withUnitNames(spec, [unit('bigip1', '10.10.2.20')]);
    expect(routers.map(({ name }) => name)).toEqual(['bigip1', 'bigip1-10-10-2-21']);
  });
});

describe('a spec', () => {
  test('is refused with all that is wrong in it', () => {
    const { vm: _, ...rest } = labSpec('Lab', { nodes: [...nodes(1), { ...nodes(1)[0], name: 'vm' }] as never });
    const problems = expect.arrayContaining([
      { label: 'name', text: 'Lab: not a DNS label' },
      { label: 'name', text: 'vm: two machines of one name' },
      { label: 'address', text: '172.19.0.2: two machines of one address' },
      { label: 'vm', text: 'vm: the topology needs its address' },
    ]);
    expect(() => checkSpec(rest)).toThrow(expect.objectContaining({ code: 'LAB.SPEC', evidence: problems }));
  });

  test('is refused where the path of a socket would be too long', () => {
    const spec = labSpec('a'.repeat(32), { nodes: nodes(1).map((node) => ({ ...node, name: 'b'.repeat(63) })) });
    const problems = [expect.objectContaining({ text: expect.stringContaining('path of a socket') })];
    expect(() => checkSpec(spec)).toThrow(expect.objectContaining({ code: 'LAB.SPEC', evidence: problems }));
  });
});

describe('children', () => {
  test('one that ends for good before it is ready is a failure with its last words', async () => {
    const child = new Child(
      { id: 'x', argv: ['sh', '-c', 'echo no such file; exit 3'], restart: false, readyWhen: async () => 'x' },
      quiet,
      quiet,
    );
    child.start();
    await expect(child.ready()).rejects.toMatchObject({
      code: 'LAB.FAILED',
      evidence: expect.arrayContaining([{ label: 'said', text: 'no such file' }]),
    });
  });

  test('are left alone while their data stays the same, and replaced when it changes', async () => {
    const children = new Children(quiet, quiet);
    const started: string[] = [];
    const spec = (word: string) => ({ id: 'x', argv: ['sh', '-c', 'sleep 60', word], restart: true });
    const keep = async (word: string) => {
      await children.keep('m', [{ ...spec(word), readyWhen: async () => void started.push(word) }]);
    };
    await keep('a');
    await keep('a');
    await keep('b');
    await children.end('m');
    expect(started).toEqual(['a', 'b']);
  });
});

describe('pods', () => {
  test('cannot be plugged into a node that is not there', async () => {
    const children = new Children(quiet, quiet);
    const layout = labLayout('x');
    const pods = new Pods({ lab: 'x', layout, children, known: [], nodes: () => new Set(['a']), save: async () => {} });
    await expect(pods.plugPod({ node: 'b', pod: 'p', address: '10.53.0.1' })).rejects.toMatchObject({
      code: 'LAB.NODE',
    });
  });
});

describe.skipIf(process.getuid?.() !== 0)('the machine', () => {
  test('lacks a program: the package that has it is named', async () => {
    await expect(requireTools({ ip: 'iproute2', 'no-such-program': 'a-package' })).rejects.toMatchObject({
      code: 'LAB.TOOLS',
      next: [{ command: 'apt-get install a-package' }],
    });
  });
});

describe('errors', () => {
  test('come over the control socket as they were thrown; a bug brings its stack', () => {
    const error = (() => {
      try {
        checkSpec({});
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(fromWire(toWire(error))).toEqual(error);
    expect(toWire(new Error('oops'))).toMatchObject({ code: 'LAB.FAILED', evidence: [{ label: 'stack' }] });
  });
});
