/** What a program in a container said, and how it ended. */
export interface Ran {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

/** Runs a program in a container of a node. */
export type RunInContainer = (node: string, container: string, argv: readonly string[]) => Promise<Ran>;

/** What a container runtime says of a program that the image does not have. */
export const noSuchProgram = (program: string): Ran => ({
  stdout: '',
  stderr: `OCI runtime exec failed: exec failed: unable to start container process: exec: "${program}": executable file not found in $PATH: unknown\n`,
  exitCode: 126,
});
