// A way to a machine that is so many milliseconds away: `node distance.js MILLISECONDS PROGRAM ARGUMENTS…`, as a proxy command.
import { spawn } from 'node:child_process';

const [milliseconds, program, ...words] = process.argv.slice(2);
const later = (act) => setTimeout(act, Number(milliseconds));
const child = spawn(program, words, { stdio: ['pipe', 'pipe', 'inherit'] });
carry(process.stdin, child.stdin);
carry(child.stdout, process.stdout);
child.on('close', (code) => later(() => process.exit(code ?? 1)));

function carry(from, to) {
  from.on('data', (chunk) => later(() => to.write(chunk)));
  from.on('end', () => later(() => to.end()));
  to.on('error', () => process.exit(1));
}
