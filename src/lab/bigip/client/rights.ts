import { syntaxError } from '../tmsh/verbs.ts';
import type { Behaviour } from '../unit/behaviour.ts';

const CHANGES = ['create', 'modify', 'delete', 'save', 'run', 'reboot', 'load'];

/**
 * Why tmsh refuses a command to who logged in, if it does. Operator and guest look and change nothing that cpaas is about; they get
 * no program, and in appliance mode nobody gets bash. Both texts are [unverified].
 */
export function denied(
  { role, applianceMode }: Pick<Behaviour, 'role' | 'applianceMode'>,
  user: string,
  verb: string,
  program: string | undefined,
): string | undefined {
  const nobodys = applianceMode && program === 'bash';
  if (nobodys || (role !== 'administrator' && program !== undefined)) return syntaxError(program ?? verb).refused;
  if (role === 'administrator' || !CHANGES.includes(verb)) return undefined;
  return `01070822:3: Access Denied: User (${user}) with role ${role} may not ${verb} this.`;
}
