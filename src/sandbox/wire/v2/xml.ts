/** The values of a document by the names of their elements, in its order. */
export type Fields = ReadonlyMap<string, string>;

/**
 * Reads a document of API v2: one root, flat elements without attributes, each once; values are text, CDATA or both, kept as
 * they are. Anything else is `undefined`: a DOCTYPE (and so every entity of its own), comments, further levels.
 */
export function parseXml(text: string, root: string): Fields | undefined {
  const head = /^\uFEFF?\s*(?:<\?xml\s[^<>?]*\?>\s*)?/.exec(text)?.[0] ?? '';
  const body = text.slice(head.length).trimEnd();
  const [open, close] = [`<${root}>`, `</${root}>`];
  if (!body.startsWith(open) || !body.endsWith(close) || body.length < open.length + close.length) return undefined;
  if (/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u.test(body)) return undefined;
  return readElements(body.slice(open.length, -close.length).trimEnd());
}

/** An element a line, as WeChat Pay writes them: values as CDATA, short numbers as they are. */
export function writeXml(fields: Fields, root: string): string {
  const elements = [...fields].map(([name, value]) => `<${name}>${written(value)}</${name}>\n`);
  return `<${root}>${elements.join('')}</${root}>`;
}

const written = (value: string): string =>
  /^\d{1,10}$/.test(value) ? value : `<![CDATA[${value.replaceAll(']]>', ']]]]><![CDATA[>')}]]>`;

const start = /\s*<([A-Za-z_][A-Za-z0-9_.-]*)\s*(\/?)>/y;
const text = /[^<&]+/y;
const reference = /&(?:(lt|gt|amp|quot|apos)|#(\d{1,7})|#x([0-9A-Fa-f]{1,6}));/y;
const cdata = '<![CDATA[';

function readElements(content: string): Fields | undefined {
  const fields = new Map<string, string>();
  let at = 0;
  while (at < content.length) {
    const opened = matchAt(start, content, at);
    const [whole = '', name = '', isEmpty] = opened ?? [];
    if (!opened || fields.has(name)) return undefined;
    const read = isEmpty ? { value: '', end: at + whole.length } : readValue(content, at + whole.length, `</${name}>`);
    if (!read) return undefined;
    fields.set(name, read.value);
    at = read.end;
  }
  return fields;
}

/** The value that begins here, and the place behind its closing tag. */
function readValue(content: string, from: number, close: string): { value: string; end: number } | undefined {
  const parts: string[] = [];
  for (let at = from; at < content.length;) {
    if (content.startsWith(close, at)) return { value: parts.join(''), end: at + close.length };
    const part = readCdata(content, at) ?? readText(content, at) ?? readReference(content, at);
    if (!part) return undefined;
    parts.push(part.value);
    at = part.end;
  }
  return undefined;
}

function readCdata(content: string, at: number) {
  const end = content.startsWith(cdata, at) ? content.indexOf(']]>', at) : -1;
  return end < 0 ? undefined : { value: content.slice(at + cdata.length, end), end: end + 3 };
}

function readText(content: string, at: number) {
  const [value] = matchAt(text, content, at) ?? [];
  return value === undefined ? undefined : { value, end: at + value.length };
}

function readReference(content: string, at: number) {
  const [whole = '', name, decimal, hexadecimal] = matchAt(reference, content, at) ?? [];
  const code = decimal === undefined ? parseInt(hexadecimal ?? '', 16) : Number(decimal);
  const value = name === undefined ? character(code) : predefined[name];
  return value === undefined ? undefined : { value, end: at + whole.length };
}

const predefined: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/** Half of a surrogate pair and control characters are no characters of a document. */
function character(code: number): string | undefined {
  if (!(code <= 0x10ffff) || (code < 0x20 && ![9, 10, 13].includes(code))) return undefined;
  return (code >= 0xd800 && code <= 0xdfff) || code === 0xfffe || code === 0xffff
    ? undefined
    : String.fromCodePoint(code);
}

function matchAt(pattern: RegExp, content: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at;
  return pattern.exec(content) ?? undefined;
}
