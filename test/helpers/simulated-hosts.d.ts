export interface SimulatedAnswer {
  readonly stdout?: string;
  readonly stderr?: string;
  readonly code?: number;
}
export interface SimulatedHosts {
  readonly ports: readonly number[];
  readonly requests: readonly number[];
  /** Path of a key that lets in everywhere. */
  readonly identity: string;
  /** Breaks every connection off. */
  cut(): void;
  close(): Promise<void>;
}
export function simulateHosts(
  count: number,
  answer: (
    host: number,
    argv: readonly string[],
    stdin: string,
  ) => string | SimulatedAnswer | Promise<string | SimulatedAnswer>,
  options?: { readonly distance?: number },
): Promise<SimulatedHosts>;
export function wordsOf(command: string): readonly string[];
