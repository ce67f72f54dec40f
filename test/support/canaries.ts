/** What must not be found anywhere, by a name that may be printed. */
export type Canaries = ReadonlyMap<string, string>;

/** The names of those that are in a text, as they are or as JSON writes them. */
export function canariesIn(text: string, canaries: Canaries): string[] {
  const found = [...canaries].filter(([, value]) => {
    if (value.length < 8) throw new Error('a canary that short is found by chance');
    return text.includes(value) || text.includes(JSON.stringify(value).slice(1, -1)) || text.includes(inBase64(value));
  });
  return found.map(([name]) => name);
}

/** What its middle looks like when a text that begins with it was encoded; enough to find what is carried whole. */
const inBase64 = (value: string): string => {
  const whole = Buffer.from(value).toString('base64');
  return whole.slice(0, whole.length - (whole.length % 4 === 0 ? 4 : whole.length % 4));
};

/** Everything in a value that can be read: texts, keys, and bytes as the text they may be. */
export function textOf(value: unknown): string {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8');
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map(textOf).join('\n');
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.entries(value)
    .map(([key, field]) => `${key}\n${textOf(field)}`)
    .join('\n');
}

/** A private key's own lines: parts of it are as bad as the whole. */
export const keyLines = (pem: string): string[] =>
  pem.split('\n').filter((line) => line.length > 40 && !line.startsWith('-----'));
