import { type ConfigLine, familyOf, neighborIn, ROUTER, type RouterConfig } from './config.ts';
import { type Level, parseLine, subjectOf, undoingLineOf } from './lines.ts';

/** A configuration after lines of configuration mode were typed into it, as `linesOf` makes them. What is new comes last in its block. */
export function typedIn(config: RouterConfig, typed: readonly string[]): RouterConfig {
  let context = '';
  let lines = config.lines;
  for (const line of typed) {
    if (line.startsWith('address-family ')) context = `${ROUTER} / ${familyOf(line)}`;
    else if (line === 'exit-address-family') context = ROUTER;
    else if (line === 'exit') context = '';
    else {
      if (line.startsWith(`${ROUTER} `) || line.startsWith(`no ${ROUTER} `)) context = '';
      // what takes nothing away is a line of its own, and so may be one with no: no neighbor 10.0.0.68 capability route-refresh
      const left = line.startsWith('no ') ? without(lines, context, line.slice(3)) : withoutNo(lines, context, line);
      lines = left.length < lines.length ? left : having(lines, context, line);
      if (line.startsWith(`${ROUTER} `)) context = ROUTER;
    }
  }
  return { lines };
}

const levelAt = (context: string): Level =>
  context === '' ? 'global' : context === ROUTER ? 'router' : { family: context.slice(ROUTER.length + 3) };

function having(lines: readonly ConfigLine[], context: string, text: string): readonly ConfigLine[] {
  const element = parseLine(levelAt(context), text);
  const line: ConfigLine = { context, text, ...(element ? { element } : {}) };
  const at = lines.findIndex(
    (each) => each.context === context && (element ? each.element?.key === element.key : each.text === text),
  );
  if (at < 0) return [...lines, line];
  // as it is spelled there: router bgp 1.10
  return element?.value === lines[at]?.element?.value ? lines : lines.with(at, line);
}

/** What stands with `no` before it is taken away by the same without. */
const withoutNo = (lines: readonly ConfigLine[], context: string, text: string): readonly ConfigLine[] =>
  lines.filter((each) => each.context !== context || each.text !== `no ${text}`);

/** A neighbor or a group takes its attributes along, and `router bgp` all that stands in it. */
function without(lines: readonly ConfigLine[], context: string, text: string): readonly ConfigLine[] {
  if (text.startsWith(`${ROUTER} `))
    return lines.filter((each) => each.element?.key !== ROUTER && !isInside(each.context));
  const subject = subjectOf(parseLine('router', text)?.key ?? '');
  const whole =
    context === ROUTER &&
    subject &&
    MAKES.has(subject.attribute) &&
    (subject.isGroup ? subject.attribute === 'peer-group' : true);
  const mine = (each: ConfigLine): boolean =>
    whole === true && isInside(each.context) && neighborIn(each) === subject?.name;
  const same = (each: ConfigLine): boolean =>
    each.context === context &&
    (each.text === text || (each.element !== undefined && undoingLineOf(each.element) === `no ${text}`));
  return lines.filter((each) => !same(each) && !mine(each));
}

const MAKES: ReadonlySet<string> = new Set(['peer-group', 'remote-as']);
const isInside = (context: string): boolean => context === ROUTER || context.startsWith(`${ROUTER} / `);
