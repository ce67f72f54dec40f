import type { SQL } from 'drizzle-orm';
import type { Mchid } from '../../base/ids.js';
import type { Db, Tx } from '../../db/connection.js';
import { compareKeys, decodeCursor, encodeCursor, inOrder, pageOf, type Keyset } from '../../db/keyset.js';
import { foundByWords, type WordSearch } from './words.js';

/** A row that was found: `id` is its number. */
export type FoundKey = Keyset & { readonly mchid: Mchid };

type Finding = Pick<WordSearch, 'kind' | 'q' | 'createdFrom' | 'createdTo' | 'limit' | 'lookAt'> & {
  readonly mchids: readonly Mchid[];
  readonly cursor: string | undefined;
  readonly isId: RegExp;
  /** What else is asked of a row that words found, in SQL; of a merchant's row with this number. */
  readonly isWanted: ((mchid: Mchid, number: SQL) => SQL) | undefined;
  /** Those that have `q` itself for a number, under the same conditions. */
  readonly numbered: (after: Keyset | undefined) => Promise<readonly FoundKey[]>;
};

const ORDER = 'found';

/**
 * Where it was found, newest first. What a page looks at has an end: one that found too little by then is shorter than `limit`, even empty,
 * and its `nextCursor` goes on from there.
 */
export async function pageFound(db: Db | Tx, finding: Finding) {
  const { mchids, cursor, isId, isWanted, numbered, limit, ...search } = finding;
  const after = cursor === undefined ? undefined : decodeCursor(cursor, isId, ORDER);
  if (cursor !== undefined && after === undefined) return 'bad_cursor' as const;
  const byWords = async (mchid: Mchid) => {
    const wanted = isWanted && ((number: SQL) => isWanted(mchid, number));
    const { keys, end } = await foundByWords(db, { ...search, mchid, after, limit: limit + 1, isWanted: wanted });
    return { keys: keys.map((key): FoundKey => ({ ...key, mchid })), end };
  };
  const [byNumber, ...parts] = await Promise.all([numbered(after), ...mchids.map(byWords)]);
  const [end] = inOrder(
    parts.flatMap((part) => part.end ?? []),
    (key) => key,
  );
  const found = new Map(
    [...byNumber, ...parts.flatMap(({ keys }) => keys)].map((key) => [`${key.mchid}/${key.id}`, key]),
  );
  const complete = [...found.values()].filter((key) => end === undefined || compareKeys(key, end) >= 0);
  const page = pageOf(inOrder(complete, keyOf), limit, { keyOf, itemOf: keyOf, order: ORDER });
  const isCut = page.nextCursor === null && end !== undefined;
  return {
    keys: page.items,
    nextCursor: isCut ? encodeCursor(end, ORDER) : page.nextCursor,
    lookedBackTo: isCut ? end.at : null,
  };
}

const keyOf = (key: FoundKey): FoundKey => key;
