/** The last lines of an answer, for the evidence of an error. */
export const lastWords = (answer: string, lines = 5): string =>
  answer.slice(-4000).trimEnd().split('\n').slice(-lines).join('\n');
