/** What calicoctl ends with: the text on stderr, exit code 1. */
export class Failure extends Error {
  /** Whether it is about the object named: `--skip-exists` and `--skip-not-exists` forgive these. */
  readonly about: 'exists' | 'missing' | undefined;

  constructor(message: string, about?: 'exists' | 'missing') {
    super(message);
    this.name = 'Failure';
    this.about = about;
  }
}

/** How calicoctl shortens messages of its YAML and JSON parsers before it prints them. */
export function massage(message: string): string {
  const unknown = /unknown field "([^"]+)"/.exec(message);
  if (unknown !== null) return `field in document is not recognized or is in the wrong location: ${unknown[1]}`;
  return message.replace(/^error unmarshaling JSON: while decoding JSON: json: /, '');
}
