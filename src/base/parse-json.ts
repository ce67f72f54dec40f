const utf8 = new TextDecoder('utf-8', { fatal: true });

/** `undefined` for what is no JSON or not UTF-8. */
export function parseJson(body: Uint8Array | string): unknown {
  try {
    return JSON.parse(typeof body === 'string' ? body : utf8.decode(body));
  } catch {
    return undefined;
  }
}
