const utf8 = new TextDecoder('utf-8', { fatal: true });

/** What somebody else calls JSON; `undefined` where it is none, or not UTF-8. A schema has to say what it is. */
export function parseJson(body: Uint8Array | string): unknown {
  try {
    return JSON.parse(typeof body === 'string' ? body : utf8.decode(body));
  } catch {
    return undefined;
  }
}
