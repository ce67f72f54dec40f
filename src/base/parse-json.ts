const utf8 = new TextDecoder('utf-8', { fatal: true });

/** `undefined` for what is no JSON, not UTF-8, or gives a name twice: two readers would disagree about which value counts. */
export function parseJson(body: Uint8Array | string): unknown {
  try {
    const text = typeof body === 'string' ? body : utf8.decode(body);
    const value: unknown = JSON.parse(text);
    return namesIn(text) === namesOf(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** How many names stand in valid JSON, each before a colon in no text: where one stands twice, its value keeps fewer. */
function namesIn(json: string): number {
  let names = 0;
  for (let at = 0; at < json.length; at += 1) {
    const character = json.charCodeAt(at);
    if (character === QUOTE) at = endOfText(json, at) - 1;
    else if (character === COLON) names += 1;
  }
  return names;
}

/** Without recursion, which a deep value would exhaust, and without a list for each object. */
function namesOf(value: unknown): number {
  let names = 0;
  const open = [value];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (Array.isArray(next)) {
      for (const inner of next) if (isNested(inner)) open.push(inner);
    } else if (isNested(next)) {
      // Parsed, it inherits no name that is listed.
      for (const name in next) {
        names += 1;
        const inner = next[name];
        if (isNested(inner)) open.push(inner);
      }
    }
  }
  return names;
}

const isNested = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

/** The first name that an object of this JSON has twice, to be told to who sent it. Takes valid JSON, and one pass. */
export function nameGivenTwice(json: string): string | undefined {
  const open: (Set<string> | undefined)[] = [];
  for (let at = 0; at < json.length; at += 1) {
    switch (json.charCodeAt(at)) {
      case OBJECT:
        open.push(new Set());
        break;
      case ARRAY:
        open.push(undefined);
        break;
      case OBJECT_END:
      case ARRAY_END:
        open.pop();
        break;
      case QUOTE: {
        const end = endOfText(json, at);
        const names = isName(json, end) ? open.at(-1) : undefined;
        if (names !== undefined) {
          const name = nameOf(json.slice(at, end));
          if (names.has(name)) return name;
          names.add(name);
        }
        at = end - 1;
        break;
      }
    }
  }
  return undefined;
}

const [OBJECT, OBJECT_END, ARRAY, ARRAY_END, QUOTE, COLON, SPACE, BACKSLASH] = [
  0x7b, 0x7d, 0x5b, 0x5d, 0x22, 0x3a, 0x20, 0x5c,
] as const;

/** One past its closing quote, which an even number of backslashes stands before. */
function endOfText(json: string, begin: number): number {
  for (let quote = json.indexOf('"', begin + 1); ; quote = json.indexOf('"', quote + 1)) {
    let escapes = quote;
    while (json.charCodeAt(escapes - 1) === BACKSLASH) escapes -= 1;
    if ((quote - escapes) % 2 === 0) return quote + 1;
  }
}

/** In valid JSON a text before a colon is a name, and nothing else is. */
function isName(json: string, end: number): boolean {
  let at = end;
  while (json.charCodeAt(at) <= SPACE) at += 1;
  return json.charCodeAt(at) === COLON;
}

const nameOf = (quoted: string): string => (quoted.includes('\\') ? String(JSON.parse(quoted)) : quoted.slice(1, -1));
