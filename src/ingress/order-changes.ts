import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Connection } from '../db/connection.js';
import { listenForOrderChanges } from '../db/changes.js';
import type { OrderRef } from '../temporal/port.js';
import { describeError } from './describe-error.js';

/** Says *that* an order changed, not how: whoever hears it rereads the row. */
export type OrderChanges = {
  subscribe(ref: OrderRef, listener: () => void): () => void;
  close(): Promise<void>;
};

type Listening = Awaited<ReturnType<typeof listenForOrderChanges>>;

/**
 * One LISTEN connection for all streams of this process. Postgres need not be there yet: it is tried until it is. After
 * the first connection, and after a lost one, every listener is called once, since what changed before was not heard.
 */
export function openOrderChanges(sql: Connection['sql'], log?: Pick<Logger, 'warn'>): OrderChanges {
  const listeners = new Map<string, Set<() => void>>();
  const call = (key: string): void => listeners.get(key)?.forEach((listener) => listener());
  const callAll = (): void => [...listeners.keys()].forEach(call);
  const closing = new AbortController();
  const listen = async (): Promise<Listening> => {
    const listening = await listenForOrderChanges(sql, (ref) => call(keyOf(ref)), callAll);
    callAll();
    return listening;
  };
  const listening = untilItWorks(listen, closing.signal, log);
  return {
    subscribe(ref, listener) {
      const key = keyOf(ref);
      const ofOrder = listeners.get(key) ?? new Set();
      listeners.set(key, ofOrder.add(listener));
      return () => {
        ofOrder.delete(listener);
        if (ofOrder.size === 0 && listeners.get(key) === ofOrder) listeners.delete(key);
      };
    },
    async close() {
      closing.abort();
      await (await listening)?.close();
    },
  };
}

const keyOf = (ref: OrderRef): string => `${ref.mchid}/${ref.orderNo}`;

const AGAIN_AFTER_MS = 500;

/** Logs the first failure of a row of them. Nothing when it was told to stop before it worked. */
async function untilItWorks(
  listen: () => Promise<Listening>,
  stop: AbortSignal,
  log: Pick<Logger, 'warn'> | undefined,
): Promise<Listening | undefined> {
  for (let tries = 1; !stop.aborted; tries += 1) {
    try {
      return await listen();
    } catch (error) {
      if (tries === 1) log?.warn({ error: describeError(error) }, 'order changes are not heard yet, trying again');
      await sleep(AGAIN_AFTER_MS, undefined, { signal: stop }).catch(() => undefined);
    }
  }
  return undefined;
}
