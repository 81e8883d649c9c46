/** JSON that is safe to look at: the control characters that `JSON.stringify` leaves raw are escaped too. */
const safe = (json: string): string =>
  json.replace(/[\u007f-\u009f]/g, (letter) => `\\u00${letter.charCodeAt(0).toString(16)}`);

export const jsonLine = (value: unknown): string => safe(JSON.stringify(value));
export const jsonText = (value: unknown): string => safe(JSON.stringify(value, undefined, 2));
