import { sql, type SQL } from 'drizzle-orm';
import type { Mchid } from '../../base/ids.js';
import type { Db, Tx } from '../../db/connection.js';
import type { Keyset } from '../../db/keyset.js';
import { searchTexts } from '../../db/schema.js';
import type { Searched } from '../rules/searched.js';

/**
 * Most rows that a page looks at, whatever they are: of a word that everything has and a state that nothing is in, too. Few enough for a
 * shop of 10,000 orders to have as many: its pages cost what those of a million do.
 */
const LOOK_AT = 500;

/** The rarest of several terms is the one whose so-manieth row from here is the oldest. */
const PROBE = 200;

export type WordSearch = {
  readonly kind: Searched;
  readonly mchid: Mchid;
  readonly q: string;
  /** Inclusive. */
  readonly createdFrom?: Date | undefined;
  /** Exclusive. */
  readonly createdTo?: Date | undefined;
  readonly after: Keyset | undefined;
  readonly limit: number;
  /** Unless told, 500. */
  readonly lookAt?: number | undefined;
  /** What else is asked of the row whose number this is; in place of a join, which would read more rows than a page has. */
  readonly isWanted: ((number: SQL) => SQL) | undefined;
};

/** `end`: where looking ended before the last row; what was found is complete down to there. */
export type FoundByWords = { readonly keys: readonly Keyset[]; readonly end: Keyset | undefined };

/**
 * The newest whose text has every word of `q`. They are read in the order of one term's piece of an index, each held against its
 * whole text: a term is a part of a word alone.
 */
export async function foundByWords(db: Db | Tx, search: WordSearch): Promise<FoundByWords> {
  const { kind, mchid, q, createdFrom, createdTo, after, limit, lookAt = LOOK_AT, isWanted } = search;
  const reach = sql.join(
    [
      sql`${instantOf(createdFrom)}::timestamptz`,
      sql`${instantOf(createdTo)}::timestamptz`,
      sql`${instantOf(after?.at)}::timestamptz`,
      sql`${after?.id ?? null}::text`,
    ],
    sql`, `,
  );
  // What is asked beside the term is not joined, so that no more rows are read than a page needs; with `offset 0` Postgres leaves it so.
  const rows = await db.execute<{ ms: number; number: string; is_end: boolean }>(sql`
    with words as materialized (
      select word, search_is_run(word) as is_run
      from (select ltrim(part, '-_') as word from unnest(string_to_array(search_spaced(${q}), ' ')) part) parts where word <> ''),
    terms as (
      select distinct search_term(${kind}, ${mchid}, term) as term from words, lateral (
        select term from unnest(search_terms_in(word)) term
        order by length(term) desc limit case when is_run then null else 1 end) longest),
    rarest as materialized (
      select term from terms
      order by (select created_at from search_newest(term, ${reach}, ${PROBE}, 1)) nulls first limit 1),
    looked_at as materialized (
      select created_at, number, nth from rarest, search_newest(term, ${reach}, 0, ${lookAt + 1}) with ordinality as newest (created_at, number, nth)),
    found as materialized (
      select created_at, number from looked_at where exists (
        select from ${searchTexts} t where t.kind = ${kind} and t.mchid = ${mchid} and t.number = looked_at.number and not exists (
          select from words where strpos(t.text, case when is_run then word else ' ' || word end) = 0) offset 0)
      and ${isWanted?.(sql`looked_at.number`) ?? sql`true`} limit ${limit})
    select ${ms} as ms, number, false as is_end from found
    union all select ${ms}, number, true from looked_at where nth > ${lookAt}`);
  const keys = rows.map(({ ms: at, number: id, is_end: isEnd }) => ({ at: new Date(at), id, isEnd }));
  return { keys: keys.filter(({ isEnd }) => !isEnd), end: keys.find(({ isEnd }) => isEnd) };
}

const ms = sql`(extract(epoch from created_at) * 1000)::float8`;

const instantOf = (at: Date | undefined): string | null => at?.toISOString() ?? null;
