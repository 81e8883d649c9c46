import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { labLayout } from './layout.ts';

/**
 * `enter.js LAB ADDRESS`: joins its standard input and output with the SSH server of the unit that has this self-IP, as its
 * management port would. A program of its own, so that whoever logs in needs to know nothing of namespaces.
 */
const [lab = '', address = ''] = process.argv.slice(2);
const namespace = namespaceOf(lab, address);
if (namespace === undefined) fail(`lab ${lab} is not up, or has no unit with ${address}`);
else {
  const words = ['netns', 'exec', namespace, 'socat', '-', 'TCP:127.0.0.1:22'];
  const child = spawn('ip', words, { stdio: 'inherit' });
  child.on('error', ({ message }) => fail(message));
  child.on('exit', (code) => {
    process.exitCode = code ?? 1;
  });
}

function fail(why: string): void {
  console.error(why);
  process.exitCode = 1;
}

/** Names of units change in the file; the namespace keeps the first. */
function namespaceOf(lab: string, address: string): string | undefined {
  try {
    const state: unknown = JSON.parse(readFileSync(labLayout(lab).state, 'utf8'));
    const { machines = [] } = state as { machines?: { kind: string; address?: string; namespace: string }[] };
    return machines.find((each) => each.kind === 'router' && each.address === address)?.namespace;
  } catch {
    return undefined;
  }
}
