import { noSuchProgram, type Ran } from '../kube/program.ts';
import { birdCommand } from './bird/control.ts';

/** Programs of the calico-node container by name; bird6 has nothing to say in a lab of IPv4. */
const BIRD_CLIENTS = new Set(['birdcl', 'birdc', '/bin/birdcl', '/usr/bin/birdcl']);

/**
 * A command in the calico-node container of a node: `birdcl show …`. It reads only: BIRD is configured from the API, so anything
 * else is refused in the words of `birdcl -r`.
 */
export async function runInCalicoNode(argv: readonly string[], birdSocket: string): Promise<Ran> {
  const [program = '', ...words] = argv;
  if (!BIRD_CLIENTS.has(program)) return noSuchProgram(program);
  const command = words.filter((word) => word !== '-r' && word !== '-v').join(' ');
  if (!/^show(\s|$)/.test(command)) return { stdout: 'Access denied\n', stderr: '', exitCode: 1 };
  try {
    const { banner, lines, code } = await birdCommand(birdSocket, command);
    return { stdout: [banner, ...lines, ''].join('\n'), stderr: '', exitCode: code < 8000 ? 0 : 1 };
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'No such file or directory' : 'Connection refused';
    const stderr = `Unable to connect to server control socket (/var/run/calico/bird.ctl): ${why}\n`;
    return { stdout: '', stderr, exitCode: 1 };
  }
}
