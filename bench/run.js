// Benchmarks of the built program: `npm run bench`, or `npm run bench -- help routes` for some cases. Prints ratios and absolutes
// beside their targets. Cases that need root and a lab say so and are left out without it.
import { readdirSync } from 'node:fs';

const folder = new URL('./cases/', import.meta.url);
const wanted = process.argv.slice(2);
const names = readdirSync(folder)
  .map((file) => file.replace(/\.js$/, ''))
  .filter((name) => wanted.length === 0 || wanted.includes(name));

const root = process.getuid?.() === 0;
print('CASE', 'MEASURED', 'VALUE', 'TARGET', '');
for (const name of names) {
  const { needsRoot, measure } = await import(new URL(`${name}.js`, folder).href);
  if (needsRoot && !root) print(name, 'left out: it needs root', '', '', '');
  else
    for (const { what, value, unit, most } of await measure()) {
      const judged = most === undefined ? '' : value <= most ? 'ok' : 'OVER';
      print(name, what, `${value.toFixed(2)}${unit}`, most === undefined ? '' : `≤ ${most}${unit}`, judged);
    }
}

function print(name, what, value, target, judged) {
  process.stdout.write(
    `${name.padEnd(11)} ${what.padEnd(62)} ${value.padStart(10)} ${target.padStart(8)} ${judged}`
      .trimEnd()
      .concat('\n'),
  );
}
