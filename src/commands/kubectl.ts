import { type Call, examples, type VerbModule } from '../cli/command.ts';
import { handOver } from '../cli/hand-over.ts';
import { ANY_END } from '../core/reading.ts';
import { kubectl } from '../kube/kubectl.ts';
import { argvHere } from '../session/argv-here.ts';
import { openSession } from '../session/session.ts';
import { resolveTarget } from '../session/target.ts';
import { writeOut } from '../ui/output/print.ts';

export const define: VerbModule['define'] = (command, act) => {
  command.argument('[words...]', "kubectl's own words, after --");
  examples(command, [
    ['cpaas kubectl -- get nodes -o wide', 'in the cluster of cpaas.yaml'],
    ['cpaas kubectl -f lab.yaml -- get pods -A', 'in another'],
  ]);
  act(command, async (call) => {
    const { blueprint } = await resolveTarget(call.options, call.io, {});
    if (!blueprint) throw new Error('a cluster file was asked for');
    const { kube, hosts } = blueprint;
    const argv = kubectl(kube, ...call.args);
    const here = await argvHere(hosts[kube.host], argv);
    return { exit: here ? await handOver(here) : await throughSsh(kube.host, argv, call) };
  });
};

/** On another machine, by the connection that every command uses: what it has said is told when it ends. */
async function throughSsh(host: string, argv: readonly string[], { options, io }: Call): Promise<number> {
  const session = await openSession(options, io, { apiless: true });
  try {
    const stdin = argv.includes('-') ? await textOf(io.stdin) : undefined;
    const machine = session.engine.ctx.host(host);
    const { stdout, stderr, code } = await machine.run(argv, {
      codes: ANY_END,
      ...(stdin === undefined ? {} : { stdin }),
    });
    io.stderr.write(stderr);
    await writeOut(stdout, io.stdout);
    return code;
  } finally {
    await session.close();
  }
}

async function textOf(stream: AsyncIterable<unknown>): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  return text;
}
