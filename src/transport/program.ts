/**
 * A command as what starts programs without a shell must have it. `command -v` is a word of the shell: most systems have no program of
 * that name.
 */
export const asProgram = (argv: readonly string[]): readonly string[] =>
  argv[0] === 'command' ? ['sh', '-c', '"$@"', 'sh', ...argv] : argv;
