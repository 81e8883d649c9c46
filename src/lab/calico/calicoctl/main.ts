import { readArguments, VERBS } from './arguments.ts';
import { connectDatastore } from './connection.ts';
import { Failure, massage } from './failure.ts';
import { checkVersion, run, showVersion } from './run.ts';

// calicoctl of a lab: as strict as the real one about what cpaas and its users do with it.

const version = process.env['CALICOCTL_VERSION'] ?? '';
const out = (text: string) => void process.stdout.write(text);

async function main([word = '', ...words]: readonly string[]): Promise<void> {
  if (word === 'version') {
    const { config, context } = readArguments('version', words);
    if (words.includes('--client')) return out(`Client Version:    ${version}\nGit commit:        \n`);
    return showVersion(connectDatastore(config, context), version, out);
  }
  if (word === 'node') throw new Failure('Calico process is not running.');
  const verb = VERBS.find((known) => known === word);
  if (verb === undefined) throw new Failure(`unknown command: "${word}"`);
  const args = readArguments(verb, words);
  const client = connectDatastore(args.config, args.context);
  if (!args.allowVersionMismatch) await checkVersion(client, version);
  await run(verb, args, client, out);
}

main(process.argv.slice(2)).then(
  () => process.exit(0),
  (error: unknown) => {
    const text =
      error instanceof Failure ? massage(error.message) : String(error instanceof Error ? error.message : error);
    process.stderr.write(`${text}\n`, () => process.exit(1));
  },
);
