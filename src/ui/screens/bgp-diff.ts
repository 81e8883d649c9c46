import type { BgpDiffDocument, ContextDiff, RouterDiff } from '../../core/bgp-documents.ts';
import { wrap } from '../text/columns.ts';
import { type Renderer, renderer, type View } from '../text/renderer.ts';

/** Router by router, a unified diff for each context that differs: running to wanted, saved to running. */
export const bgpDiffText: Renderer<BgpDiffDocument> = renderer(({ routers }, view) => {
  if (routers.length === 0) return ['No routers.'];
  return routers.flatMap((each, at) => [...(at > 0 ? [''] : []), ...routerLines(each, view)]);
});

function routerLines(router: RouterDiff, view: View): readonly string[] {
  const { style } = view;
  const { wanted, unsaved, conflicts, unknown } = router;
  const where = router.routeDomain ? `, route domain ${router.routeDomain}` : '';
  const name = style.strong(`${router.router}${where}`);
  if (unknown !== undefined) return [`${style.wrong('?')} ${name}: ${unknown}`];
  if (wanted.length + unsaved.length + conflicts.length === 0)
    return [`${style.done('✔')} ${name}: what is running is as wanted${router.enabled ? ', and saved' : ''}.`];
  return [
    `${style.wrong('✖')} ${name}: ${summary(router)}`,
    ...conflicts.flatMap((why) => wrap(`${style.wrong('!')} ${why}`, view.width - 2, 2).map((line) => `  ${line}`)),
    ...[...wanted, ...unsaved].flatMap((each) => patchLines(each, view)),
  ];
}

function summary({ enabled, wanted, unsaved, conflicts }: RouterDiff): string {
  const parts = [
    ...(conflicts.length > 0 ? ['something is in the way'] : []),
    ...(enabled ? [] : ['BGP is off']),
    ...(wanted.length > 0 ? ['what is running is not as wanted'] : []),
    ...(unsaved.length > 0 ? ['what is running is not what is saved'] : []),
  ];
  return `${parts.join('; ')}.`;
}

const patchLines = ({ patch }: ContextDiff, { style }: View): readonly string[] =>
  patch
    .replace(/\n$/, '')
    .split('\n')
    .map((line) => {
      if (/^(---|\+\+\+) /.test(line)) return style.strong(line);
      if (line.startsWith('+')) return style.done(line);
      if (line.startsWith('-')) return style.wrong(line);
      return line.startsWith('@@') ? style.dim(line) : line;
    });
