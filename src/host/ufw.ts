/** A rule as `ufw show added` prints it after `ufw`, without its comment: `allow from 10.1.20.0/24`. */
export interface UfwRule {
  readonly rule: string;
  readonly comment: string | undefined;
}

/** The rules in what `ufw show added` printed. */
export function parseUfwRules(printed: string): readonly UfwRule[] {
  return printed.split('\n').flatMap((line) => {
    const [, rule, , comment] = /^ufw (.+?)( comment '([^']*)')?$/.exec(line.trim()) ?? [];
    return rule === undefined ? [] : [{ rule, comment }];
  });
}

/** What adds a rule, or takes it away. */
export function ufwCommand(rule: string, comment: string | undefined): readonly string[] {
  const words = rule.split(' ');
  const [route, rest] = words[0] === 'route' ? [['route'], words.slice(1)] : [[], words];
  if (comment === undefined) return ['ufw', ...route, 'delete', ...rest];
  return ['ufw', ...route, ...rest, 'comment', comment];
}
