import postgres, { type JSONValue, type PendingQuery, type Row, type Sql } from 'postgres';
import { until } from './until.js';

/** A write of one of an order's rows: the one after which the row says this, and by which `changes` changes. */
export type Write = {
  readonly table: 'orders' | 'attempts' | 'refunds' | 'merchant_events';
  readonly row: Readonly<Record<string, JSONValue>>;
  readonly changes?: string;
  /** `before`: whoever writes dies with nothing written. `commit`: it is committed, and nobody hears of it. */
  readonly moment: 'before' | 'commit';
};

export type HeldWrite = {
  /** Whether somebody waits to do this now. */
  isReached(): Promise<boolean>;
  /** Lets whoever waits go on, and resolves to whether the row says it in the end. */
  release(): Promise<boolean>;
};

export type HeldWrites = {
  hold(write: Write): Promise<HeldWrite>;
  close(): Promise<void>;
};

/** Ours among the advisory locks. */
const LOCKS = 20_117;

/**
 * Stops writers inside Postgres, so that a test can kill the one that waits. The trigger waits through statement timeouts, and a
 * server that is told to commit does so although its client is gone.
 */
export async function holdWrites(databaseUrl: string): Promise<HeldWrites> {
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => undefined });
  await sql.unsafe(TRIGGERS);
  // A client of one session that is never replaced but when it is lost: the driver writes to a reserved one that is gone.
  const holder = postgres(databaseUrl, { max: 1, max_lifetime: null, onnotice: () => undefined });
  /** A transaction that got the lock has it until it ends. */
  const waiting = (key: number) => sql`
    select pid from pg_locks where locktype = 'advisory' and classid = ${LOCKS} and objid = ${key} and mode = 'ShareLock'`;
  return {
    async hold({ table, row, changes = null, moment }) {
      const [kept] = await holder<{ key: number }[]>`
        insert into held_writes (on_table, row, changes, moment)
        values (${table}, ${sql.json(row)}, ${changes}, ${moment}) returning key`;
      if (kept === undefined) throw new Error('no write is held');
      const { key } = kept;
      await holder`select pg_advisory_lock(${LOCKS}::int, ${key}::int)`;
      await holder`update held_writes set is_held = true where key = ${key}`;
      return {
        isReached: async () => (await waiting(key)).length > 0,
        async release() {
          // What a client sent before it died is done, unless its session dies with it.
          if (moment === 'before') await until('the end of all that would write', () => endsAll(sql, waiting(key)));
          await holder`update held_writes set is_held = false where key = ${key}`;
          const [unlocked] = await holder`select pg_advisory_unlock(${LOCKS}::int, ${key}::int) as ours`;
          if (unlocked?.['ours'] !== true) throw new Error('the session that held the write was lost');
          await until('the end of all that waited', async () => (await waiting(key)).length === 0);
          const said = await sql`
            select from ${sql(table)} as it where to_jsonb(it) @> ${sql.json(row)}
              and (${changes}::text is null or to_jsonb(it) ->> ${changes} is not null)`;
          return said.length > 0;
        },
      };
    },
    async close() {
      await Promise.all([holder.end({ timeout: 1 }), sql.end({ timeout: 1 })]);
    },
  };
}

/** Ends these and whoever waits for the rows that they have: a second try of theirs would write next. Resolves to whether none was left. */
async function endsAll(sql: Sql, pids: PendingQuery<Row[]>): Promise<boolean> {
  const ended = await sql`
    with recursive them(pid) as (
      select pid from (${pids}) as first
      union select next.pid from pg_stat_activity as next join them on them.pid = any (pg_blocking_pids(next.pid))
    )
    select pg_terminate_backend(pid) from unnest((select array_agg(pid) from them)) as pid`;
  return ended.length === 0;
}

const TRIGGERS = `
  create table held_writes (
    key int primary key generated always as identity,
    on_table text not null, row jsonb not null, changes text, moment text not null, is_held boolean not null default false
  );
  create function hold_write() returns trigger language plpgsql as $$
  declare
    held record;
    after jsonb := to_jsonb(new);
    before jsonb := case when tg_op = 'UPDATE' then to_jsonb(old) else '{}' end;
  begin
    for held in select * from held_writes where is_held and on_table = tg_table_name and moment = tg_argv[0] loop
      continue when not after @> held.row;
      continue when held.changes is null and before @> held.row;
      continue when held.changes is not null and after -> held.changes is not distinct from before -> held.changes;
      loop
        begin
          perform pg_advisory_xact_lock_shared(${LOCKS}, held.key);
          exit;
        exception when query_canceled then
          null;
        end;
      end loop;
    end loop;
    return new;
  end $$;
  ${['orders', 'attempts', 'refunds', 'merchant_events']
    .map(
      (table) => `
  create trigger zz_hold_before before insert or update on ${table} for each row execute function hold_write('before');
  create constraint trigger zz_hold_commit after insert or update on ${table} deferrable initially deferred
    for each row execute function hold_write('commit');`,
    )
    .join('')}
`;
