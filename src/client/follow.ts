import type { components } from './generated/openapi.js';
import { eventLines, type ServerEvent } from './event-lines.js';
import { errorOf, isWorthRepeating, pauseAfter, type CallOptions, type Clock, type Tried } from './retry.js';

export type Order = components['schemas']['Order'];

export type FollowOptions = Pick<CallOptions, 'signal'> & {
  /** Ends after the first order for which it says yes; default: `paid` or `closed`. */
  readonly until?: (order: Order) => boolean;
  /** The `version` that is known already: what comes is newer. */
  readonly lastEventId?: string;
  /** Milliseconds without a byte after which the connection counts as lost; default 45,000. PaySaga sends one every 15 s. */
  readonly idleMs?: number;
  /** Connections that fail one after the other before it gives up; default 10. */
  readonly tries?: number;
};

type FollowDeps = {
  readonly connect: (headers: Readonly<Record<string, string>>, signal: AbortSignal) => Promise<Response>;
  readonly clock: Clock;
};

const isOver = ({ state }: Order): boolean => state === 'paid' || state === 'closed';

/** The order now and after each change; connects again by itself, and ends quietly when the signal aborts. */
export async function* followOrder(
  { connect, clock }: FollowDeps,
  { signal, until = isOver, lastEventId, idleMs = 45_000, tries = 10 }: FollowOptions,
): AsyncGenerator<Order, void, undefined> {
  let lastId = lastEventId;
  for (let failed = 1; signal?.aborted !== true; failed += 1) {
    const connection = new AbortController();
    const stop = (): void => connection.abort();
    signal?.addEventListener('abort', stop, { once: true });
    let lost: Tried = { silence: undefined };
    try {
      const headers = { accept: 'text/event-stream', ...(lastId === undefined ? {} : { 'last-event-id': lastId }) };
      const response = await withinIdle(connect(headers, connection.signal), idleMs);
      if (response.ok) {
        for await (const { id, data } of eventsOf(response, idleMs)) {
          failed = 0;
          lastId = id ?? lastId;
          const order = orderOf(data);
          yield order;
          if (until(order)) return;
        }
      } else lost = { status: response.status, headers: response.headers, text: await response.text() };
    } catch (silence) {
      lost = { silence };
    } finally {
      signal?.removeEventListener('abort', stop);
      connection.abort();
    }
    if (isAborted(signal)) return;
    if (failed >= tries || !isWorthRepeating(lost, 'freely')) throw errorOf(lost);
    await clock.wait(pauseAfter(lost, Math.max(1, failed), clock.chance()), signal).catch(() => undefined);
  }
}

const isAborted = (signal: AbortSignal | undefined): boolean => signal?.aborted === true;

/** The server writes it by the document's schema. */
const orderOf: (text: string) => Order = JSON.parse;

async function* eventsOf({ body }: Response, idleMs: number): AsyncGenerator<ServerEvent, void, undefined> {
  if (body === null) return;
  const reader: ReadableStreamDefaultReader<Uint8Array> = body.getReader();
  const decoder = new TextDecoder();
  const read = eventLines();
  try {
    for (;;) {
      const { done, value } = await withinIdle(reader.read(), idleMs);
      if (done) return;
      yield* read(decoder.decode(value, { stream: true }));
    }
  } finally {
    // A connection that was cut off cannot be cancelled any more.
    await reader.cancel().catch(() => undefined);
  }
}

/** Rejects when nothing comes in time: a connection may die without a word. */
async function withinIdle<T>(work: Promise<T>, idleMs: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('The stream went silent')), idleMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
