import type { Logger } from 'pino';
import type { Mchid } from '../../base/ids.js';
import type { Connection } from '../../db/connection.js';
import { eventually, listenForOrderChanges, type OrderChange, type Patience } from '../store/changes.js';
import type { OrderRef } from '../store/order.js';
import { describeError } from '../../base/describe-error.js';
import type { OrderChanges } from '../../http/kit/route.js';

/** Those who follow an order, and the newest version of it that was told to them. */
type Followers = { readonly ref: OrderRef; readonly listeners: Set<() => void>; version: number | undefined };

/**
 * One LISTEN connection for all streams of this process. Postgres need not be there yet: it is tried until it is. After
 * the first connection, and after a lost one, every listener is called once, since what changed before was not heard; so is
 * one whose order turns out to have a version that was never told.
 */
export function openOrderChanges(
  sql: Connection['sql'],
  log?: Pick<Logger, 'warn'>,
  patience?: Patience,
): OrderChanges {
  const orders = new Map<string, Followers>();
  const shops = new Map<Mchid, Set<() => void>>();
  const callAll = (): void => {
    orders.forEach(({ listeners }) => listeners.forEach((listener) => listener()));
    shops.forEach((listeners) => listeners.forEach((listener) => listener()));
  };
  const closing = new AbortController();
  const listener = {
    onChange({ version, ...ref }: OrderChange) {
      const followers = orders.get(keyOf(ref));
      if (followers === undefined || followers.version === version) return;
      followers.version = version;
      followers.listeners.forEach((listener) => listener());
    },
    onEvent: (mchid: Mchid) => shops.get(mchid)?.forEach((listener) => listener()),
    onReconnect: callAll,
    followed: () => [...orders.values()].map(({ ref }) => ref),
    onLost: (error: Error) =>
      log?.warn({ error: describeError(error) }, 'order changes are not heard, listening again'),
  };
  const listen = async () => {
    const listening = await listenForOrderChanges(sql, listener, patience);
    callAll();
    return listening;
  };
  const listening = eventually(listen, {
    stop: closing.signal,
    everyMs: 500,
    onFirstFailure: (error) =>
      log?.warn({ error: describeError(error) }, 'order changes are not heard yet, trying again'),
  });
  return {
    subscribe(ref, listener) {
      const key = keyOf(ref);
      const { mchid, orderNo } = ref;
      const followers = orders.get(key) ?? { ref: { mchid, orderNo }, listeners: new Set(), version: undefined };
      orders.set(key, followers);
      followers.listeners.add(listener);
      // A new listener may have read an older version than the one told last.
      followers.version = undefined;
      return () => {
        followers.listeners.delete(listener);
        if (followers.listeners.size === 0 && orders.get(key) === followers) orders.delete(key);
      };
    },
    subscribeEvents(mchid, listener) {
      const listeners = shops.get(mchid) ?? new Set();
      shops.set(mchid, listeners);
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
        if (listeners.size === 0 && shops.get(mchid) === listeners) shops.delete(mchid);
      };
    },
    async close() {
      closing.abort();
      await (await listening)?.close();
    },
  };
}

const keyOf = (ref: OrderRef): string => `${ref.mchid}/${ref.orderNo}`;
