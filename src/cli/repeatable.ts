/** Parser of an option that may be given again: all its texts, in their order. */
export const repeatable = (text: string, before: readonly string[] = []): readonly string[] => [...before, text];
