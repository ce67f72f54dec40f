/** Forms that are remembered; a person sends one twice within moments, if at all. */
const REMEMBERED = 500;

/**
 * What was begun under a nonce, begun once: a second sending gets the first one's answer. Kept in this process; two that meet two
 * ingresses are two bulks, which ask each order for the same and so change nothing more.
 */
export function createOnce<T>(): (nonce: string, begin: () => Promise<T>) => Promise<T> {
  const begun = new Map<string, Promise<T>>();
  return (nonce, begin) => {
    const known = nonce === '' ? undefined : begun.get(nonce);
    if (known !== undefined) return known;
    const started = begin();
    if (nonce === '') return started;
    begun.set(nonce, started);
    // One that failed may be sent again.
    started.catch(() => begun.delete(nonce));
    for (const oldest of [...begun.keys()].slice(0, Math.max(0, begun.size - REMEMBERED))) begun.delete(oldest);
    return started;
  };
}
