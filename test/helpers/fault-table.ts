/** What was tried and how it ended: command by fault. Printed when a suite is over. */
export class FaultTable {
  readonly #rows: (readonly [command: string, fault: string, then: string, outcome: string])[] = [];

  note(command: string, fault: string, then: string, outcome: string): void {
    this.#rows.push([command, fault, then, outcome]);
  }

  print(): void {
    const heading = ['COMMAND', 'FAULT', 'THEN', 'ENDS'] as const;
    const all = [heading, ...this.#rows];
    const widths = heading.map((_, at) => Math.max(...all.map((row) => row[at]?.length ?? 0)));
    const lines = all.map((row) =>
      row
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join('  ')
        .trimEnd(),
    );
    process.stdout.write(`\n${lines.join('\n')}\n\n`);
  }
}
