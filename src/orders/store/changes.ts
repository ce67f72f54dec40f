import { setTimeout as sleep } from 'node:timers/promises';
import postgres, { type Sql } from 'postgres';
import { parseMchid, parseOrderNo, type Mchid } from '../../base/ids.js';
import { DatabaseUnavailable, guarded } from '../../db/failure.js';
import type { OrderRef } from './order.js';

export type OrderChange = OrderRef & { readonly version: number };

export type Listener = {
  readonly onChange: (change: OrderChange) => void;
  /** The shop of this merchant has something new to be told. */
  readonly onEvent?: (mchid: Mchid) => void;
  /** The connection was lost and listens again: what changed meanwhile was not heard, so that everything must be read again. */
  readonly onReconnect: () => void;
  /** Orders whose versions are read with every question, and told as changes, whether or not they were heard. */
  readonly followed: () => readonly OrderRef[];
  readonly onLost?: (error: Error) => void;
};

export type Patience = { readonly askEveryMs: number; readonly answerWithinMs: number };

const PATIENCE: Patience = { askEveryMs: 15_000, answerWithinMs: 5_000 };

/**
 * Hears every change of an order that readers see, and every new event to a shop, from any process, on one connection of its own. A connection whose other
 * end is gone without a word only ever stays silent, so that it is asked something again and again, and given up without an
 * answer. Resolves once it listens; throws `DatabaseUnavailable` if it cannot at first, and tries for ever later on.
 */
export async function listenForOrderChanges(
  sql: Sql,
  listener: Listener,
  patience: Patience = PATIENCE,
): Promise<{ close(): Promise<void> }> {
  const closing = new AbortController();
  let life = await startLife(sql, listener, patience);
  const following = follow();
  return {
    async close() {
      closing.abort();
      await following;
      await life.end();
    },
  };

  async function follow(): Promise<void> {
    for (;;) {
      const error = await untilLost(life, listener, { ...patience, stop: closing.signal });
      if (error === undefined) return;
      listener.onLost?.(error);
      void life.end();
      const next = await eventually(() => startLife(sql, listener, patience), { stop: closing.signal, everyMs: 200 });
      if (next === undefined) return;
      life = next;
      listener.onReconnect();
    }
  }
}

type Life = { readonly client: Sql; readonly lost: AbortSignal; end(): Promise<void> };

async function startLife(sql: Sql, { onChange, onEvent }: Listener, { answerWithinMs }: Patience): Promise<Life> {
  const lost = new AbortController();
  const client = clientLike(sql, {
    onnotify: (channel, payload) => {
      const mchid = parseMchid(payload);
      if (channel === 'merchant_event' && mchid.ok) onEvent?.(mchid.value);
      const change = parseChange(payload);
      if (channel === 'order_changed' && change !== undefined) onChange(change);
    },
    onclose: () => lost.abort(new DatabaseUnavailable('CONNECTION_CLOSED')),
  });
  const end = () => client.end({ timeout: 0 });
  try {
    // The driver gives a connection its own time to be made.
    await within(answerWithinMs * 2, async () => {
      await client`listen order_changed`;
      await client`listen merchant_event`;
    });
    return { client, lost: lost.signal, end };
  } catch (error) {
    void end();
    throw error;
  }
}

type Following = Patience & { readonly stop: AbortSignal };

/** Why it was lost; nothing when it was told to stop. */
async function untilLost({ client, lost }: Life, listener: Listener, following: Following): Promise<Error | undefined> {
  const ended = AbortSignal.any([lost, following.stop]);
  for (;;) {
    await sleep(following.askEveryMs, undefined, { signal: ended }).catch(() => undefined);
    if (following.stop.aborted) return undefined;
    if (lost.aborted) return errorOf(lost.reason);
    try {
      const changes = await within(following.answerWithinMs, () => versionsOf(client, listener.followed()));
      changes.forEach(listener.onChange);
    } catch (error) {
      return errorOf(error);
    }
  }
}

async function versionsOf(client: Sql, refs: readonly OrderRef[]): Promise<readonly OrderChange[]> {
  const rows = await client<{ mchid: string; order_no: string; version: string }[]>`
    select o.mchid, o.order_no, o.version
    from jsonb_to_recordset(${JSON.stringify(refs)}::text::jsonb) as followed(mchid text, "orderNo" text)
    join orders o on o.mchid = followed.mchid and o.order_no = followed."orderNo"`;
  return rows.flatMap(({ mchid, order_no, version }) => parseChange(`${mchid}/${order_no}/${version}`) ?? []);
}

/** Throws `DatabaseUnavailable` when there is no answer by then. */
async function within<T>(ms: number, ask: () => Promise<T>): Promise<T> {
  const over = new AbortController();
  const silent = sleep(ms, undefined, { signal: over.signal }).then(() => {
    throw new DatabaseUnavailable('CONNECTION_SILENT');
  });
  silent.catch(() => undefined);
  try {
    return await Promise.race([guarded(ask), silent]);
  } finally {
    over.abort();
  }
}

const errorOf = (reason: unknown): Error => (reason instanceof Error ? reason : new Error('lost'));

type Retries = {
  readonly stop: AbortSignal;
  readonly everyMs: number;
  readonly onFirstFailure?: (error: unknown) => void;
};

/** Repeats until it succeeds: a server that restarts refuses for a while. Nothing when it was told to stop. */
export async function eventually<T>(
  work: () => Promise<T>,
  { stop, everyMs, onFirstFailure }: Retries,
): Promise<T | undefined> {
  for (let tries = 1; !stop.aborted; tries += 1) {
    try {
      return await work();
    } catch (error) {
      if (tries === 1) onFirstFailure?.(error);
      await sleep(everyMs, undefined, { signal: stop }).catch(() => undefined);
    }
  }
  return undefined;
}

type Hooks = { onnotify(channel: string, payload: string): void; onclose(): void };

/**
 * A client of its own, with the hooks on which the driver's own `listen` is made. That one cannot be ended by itself, and
 * stays deaf when its first statement on a new connection fails.
 */
function clientLike({ options }: { readonly options: object }, hooks: Hooks): Sql {
  const always = { max: 1, idle_timeout: undefined, max_lifetime: null };
  return postgres(Object.assign({}, options, always, hooks));
}

function parseChange(payload: string): OrderChange | undefined {
  const [mchidText = '', orderNoText = '', version = ''] = payload.split('/');
  const mchid = parseMchid(mchidText);
  const orderNo = parseOrderNo(orderNoText);
  if (!mchid.ok || !orderNo.ok || !/^[0-9]+$/.test(version)) return undefined;
  return { mchid: mchid.value, orderNo: orderNo.value, version: Number(version) };
}
