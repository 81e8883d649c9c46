import { readFileSync } from 'node:fs';
import { examples, type VerbModule } from '../cli/command.ts';
import { nearest } from '../config/spelling.ts';
import { CpaasError } from '../core/errors.ts';

export const define: VerbModule['define'] = (command, act) => {
  command.argument('[code]', 'a code such as BGP.REFUSED; all of them when left out');
  examples(command, [
    ['cpaas explain', 'all codes in a line each'],
    ['cpaas explain HOST.KEY_CHANGED', 'what it means, why it comes, what to do'],
  ]);
  act(command, async ({ args: [wanted] }) => {
    const pages = errorPages();
    if (wanted === undefined) {
      const width = Math.max(...pages.map(({ code }) => code.length)) + 2;
      const lines = pages.map(({ code, text }) => `${code.padEnd(width)}${text.split('\n')[0]}`);
      return { kind: 'Errors', data: { errors: pages }, text: () => lines.join('\n'), exit: 0 };
    }
    const page = pages.find(({ code }) => code === wanted.toUpperCase());
    if (!page) {
      const codes = pages.map(({ code }) => code);
      const area = codes.filter((code) => code.startsWith(`${wanted.toUpperCase().replace(/\.$/, '')}.`));
      const meant = nearest(wanted, codes);
      const likely = area.length > 0 ? area : meant === undefined ? [] : [meant];
      throw new CpaasError('USAGE.CODE', `there is no error code ${wanted}`, {
        ...(area.length > 0 ? { evidence: [{ label: 'codes', text: area.join(', ') }] } : {}),
        next: [
          ...likely.slice(0, 1).map((code) => ({ label: 'may be meant', command: `cpaas explain ${code}` })),
          { label: 'lists them', command: 'cpaas explain' },
        ],
      });
    }
    return { kind: 'ErrorPage', data: page, text: () => `${page.code}\n\n${page.text}`, exit: 0 };
  });
};

export interface ErrorPage {
  readonly code: string;
  readonly text: string;
}

/** The pages of `docs/errors.md`: one section of the second level for each code. */
export function errorPages(): readonly ErrorPage[] {
  const manual = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8');
  return manual
    .split(/^## /m)
    .slice(1)
    .map((section) => {
      const [code = '', ...lines] = section.split('\n');
      return { code: code.trim(), text: lines.join('\n').trim() };
    });
}
