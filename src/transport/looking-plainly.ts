import type { ReadCommand } from '../core/reading.ts';
import type { Output, Transport } from '../core/transport.ts';

/** Programs that show nothing to anybody but root. */
const ROOTS_ALONE = new Set([
  'iptables-save',
  'iptables-nft-save',
  'iptables-legacy-save',
  'lvs',
  'dumpe2fs',
  'xfs_info',
]);

const isRootsAlone = ({ argv }: ReadCommand): boolean => {
  const [program = ''] = argv[0] === 'env' ? argv.slice(1).filter((word) => !word.includes('=')) : argv;
  return ROOTS_ALONE.has(program);
};

/** A machine as its root who looks as somebody else does, wherever that shows the same. */
export function lookingPlainly(root: Transport, plain: Transport): Transport {
  const query = (command: ReadCommand): Promise<Output> => (isRootsAlone(command) ? root : plain).query(command);
  const queryAll = async (commands: readonly ReadCommand[]): Promise<readonly Output[]> => {
    const [roots, others] = [commands.filter(isRootsAlone), commands.filter((command) => !isRootsAlone(command))];
    if (roots.length === 0) return plain.queryAll(commands);
    const [ofRoot, ofOthers] = await Promise.all([root.queryAll(roots), plain.queryAll(others)]);
    return commands.map((command) => {
      const [asked, said] = isRootsAlone(command) ? [roots, ofRoot] : [others, ofOthers];
      return said[asked.indexOf(command)] as Output;
    });
  };
  return { ...root, query, queryAll, read: plain.read };
}
