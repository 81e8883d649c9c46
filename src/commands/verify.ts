import { writeFileSync } from 'node:fs';
import { type Answer, examples, type VerbModule } from '../cli/command.ts';
import { Facts } from '../core/facts.ts';
import { openSession } from '../session/session.ts';
import { verifyText } from '../ui/screens/verify.ts';
import { verification } from '../verify/verification.ts';

interface Options {
  readonly junit?: string;
}

export const define: VerbModule['define'] = (command, act) => {
  command.option('--junit <path>', 'write the report for a CI system as well');
  examples(command, [
    ['cpaas verify', 'sessions, routes, and packets from each router to a pod on each node'],
    ['cpaas verify --junit report.xml', 'for a CI system'],
  ]);
  act<Options>(command, async ({ options, io }): Promise<Answer> => {
    const session = await openSession(options, io);
    try {
      const { blueprint, cluster, engine } = session;
      if (!blueprint || !cluster) throw new Error('a cluster file was asked for');
      const report = await verification({ ...blueprint, cluster, ctx: engine.ctx, facts: new Facts(engine.ctx) });
      if (options.junit !== undefined) {
        const { junitXml } = await import('../ui/screens/junit.ts');
        writeFileSync(options.junit, junitXml(report));
      }
      return {
        kind: 'VerifyReport',
        data: report,
        text: (view) => verifyText(report, view),
        exit: report.summary.fail > 0 ? 5 : 0,
      };
    } finally {
      await session.close();
    }
  });
};
