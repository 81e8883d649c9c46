/** Paths of the swap areas in use, as /proc/swaps lists them. */
export const swapAreas = (printed: string): readonly string[] =>
  printed
    .split('\n')
    .slice(1)
    .flatMap((line) => line.split(/\s+/)[0] || []);

/** Goes before a line that is out of force because of us. */
export const OFF = '# off for kubeadm, by cpaas: ';

/** Lines of an fstab that bring swap at the start of the machine. */
export const swapLines = (fstab: string): readonly string[] =>
  fstab.split('\n').filter((line) => !line.trim().startsWith('#') && line.trim().split(/\s+/)[2] === 'swap');

/** The fstab with these lines for swap in force, of those that are or were; every other line stays as it is. */
export function withSwapLines(fstab: string, wanted: readonly string[]): string {
  const lines = fstab.split('\n').map((line) => {
    const itself = line.startsWith(OFF) ? line.slice(OFF.length) : line;
    if (wanted.includes(itself)) return itself;
    return swapLines(line).length > 0 ? OFF + line : line;
  });
  return lines.join('\n');
}
