import { createHash } from 'node:crypto';

export type AuthenticatedBytes = {
  /** May be left in the middle. */
  readonly bytes: AsyncIterable<Uint8Array>;
  /** Reads on to the end; rejects where that fails. */
  readonly isAuthentic: () => Promise<boolean>;
  /** Nothing more is read. */
  readonly close: () => Promise<void>;
};

/**
 * The same bytes, and whether they are the file with this SHA-1, in hexadecimal digits of either case. Also of a file that turned out
 * unreadable: one that is not WeChat Pay's is fetched again, one that is needs a person.
 */
export function authenticated(bytes: AsyncIterable<Uint8Array>, sha1: string): AuthenticatedBytes {
  const hash = createHash('sha1');
  const source = bytes[Symbol.asyncIterator]();
  let digest: string | undefined;

  const next = async (): Promise<IteratorResult<Uint8Array, undefined>> => {
    const result = await source.next();
    if (result.done === true) {
      digest ??= hash.digest('hex');
      return { done: true, value: undefined };
    }
    hash.update(result.value);
    return result;
  };

  return {
    bytes: { [Symbol.asyncIterator]: () => ({ next }) },
    isAuthentic: async () => {
      while (digest === undefined) await next();
      return digest === sha1.toLowerCase();
    },
    close: async () => {
      await source.return?.();
    },
  };
}
