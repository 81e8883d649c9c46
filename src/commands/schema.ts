import { examples, type VerbModule } from '../cli/command.ts';

export const define: VerbModule['define'] = (command, act) => {
  examples(command, [['cpaas schema > cpaas.schema.json', 'then: # yaml-language-server: $schema=cpaas.schema.json']]);
  act(command, async ({ io }) => {
    const [{ clusterJsonSchema }, { writeOut }] = await Promise.all([
      import('../config/json-schema.ts'),
      import('../ui/output/print.ts'),
    ]);
    // the schema is the document, whatever the output format
    await writeOut(`${JSON.stringify(clusterJsonSchema(), null, 2)}\n`, io.stdout);
    return undefined;
  });
};
