import { setTimeout as sleep } from 'node:timers/promises';
import postgres, { type Sql } from 'postgres';
import { parseMchid, parseOrderNo } from '../domain/ids.js';
import { guarded } from './failure.js';
import type { OrderRef } from './order.js';

export type OrderChange = OrderRef & { readonly version: number };

/**
 * Hears every change of an order that readers see, from any process, on one connection of its own. `onReconnect` is
 * called whenever that connection was lost and listens again: what changed meanwhile was not heard, so that everything
 * must be read again. Resolves once it listens; throws `DatabaseUnavailable` if it cannot at first, and tries for ever
 * later on.
 */
export async function listenForOrderChanges(
  sql: Sql,
  onChange: (change: OrderChange) => void,
  onReconnect: () => void,
): Promise<{ close(): Promise<void> }> {
  const closing = new AbortController();
  let listens = false;
  const client = clientLike(sql, {
    onnotify: (_channel, payload) => {
      const change = parseChange(payload);
      if (change !== undefined) onChange(change);
    },
    onclose: () => {
      if (listens) void listenAgain();
      listens = false;
    },
  });
  const listen = async (): Promise<void> => {
    await guarded(() => client`listen order_changed`);
    listens = true;
  };
  const listenAgain = async (): Promise<void> => {
    if (await eventually(listen, closing.signal)) onReconnect();
  };
  const close = (): Promise<void> => {
    closing.abort();
    return client.end({ timeout: 1 });
  };
  try {
    await listen();
  } catch (error) {
    await close();
    throw error;
  }
  return { close };
}

const AGAIN_AFTER_MS = 200;

/** Repeats until it succeeds: a server that restarts refuses for a while. False when it was told to stop. */
async function eventually(work: () => Promise<void>, stop: AbortSignal): Promise<boolean> {
  while (!stop.aborted) {
    const isDone = await work().then(
      () => true,
      () => false,
    );
    if (isDone) return true;
    await sleep(AGAIN_AFTER_MS, undefined, { signal: stop }).catch(() => undefined);
  }
  return false;
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
