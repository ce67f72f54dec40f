import type { Context } from 'hono';
import { streamSSE, type SSEStreamingApi } from 'hono/streaming';
import type { Logger } from 'pino';
import { describeError } from '../../base/describe-error.js';

type EventSource = {
  readonly event: string;
  readonly heartbeatMs: number;
  readonly stopping: AbortSignal | undefined;
  readonly log: Pick<Logger, 'warn'>;
  subscribe(listener: () => void): () => void;
  /** The latest state; `id` changes whenever `data` does. */
  read(): Promise<{ readonly id: string; readonly data: string }>;
  /** Asked with every heartbeat: a revoked key ends its streams too. */
  isAllowed(): Promise<boolean>;
};

/**
 * The latest state first, then again after each change. A consumer that reads slowly holds one event and a flag, never a
 * queue: changes meanwhile are told once, by the latest state. Ends when the client leaves or the process stops.
 */
export function eventStream(c: Context, source: EventSource): Response {
  // A HEAD request has no body that anybody would ever read or cancel.
  if (c.req.method === 'HEAD') return c.body(null, 200, { 'Content-Type': 'text/event-stream' });
  const lastId = c.req.header('last-event-id');
  const response = streamSSE(c, (stream) => run(stream, source, lastId));
  // Proxies that buffer answers would hold the events back.
  response.headers.set('X-Accel-Buffering', 'no');
  return response;
}

async function run(stream: SSEStreamingApi, source: EventSource, lastId: string | undefined): Promise<void> {
  const bell = createBell();
  const unsubscribe = source.subscribe(bell.ring);
  stream.onAbort(bell.close);
  source.stopping?.addEventListener('abort', bell.close);
  if (source.stopping?.aborted === true) bell.close();
  try {
    await pump(stream, source, bell, lastId);
  } catch (error) {
    // The client connects again and then gets an answer that says what is wrong.
    source.log.warn({ error: describeError(error) }, 'event stream ended early');
  } finally {
    unsubscribe();
    source.stopping?.removeEventListener('abort', bell.close);
  }
}

async function pump(
  stream: SSEStreamingApi,
  source: EventSource,
  bell: Bell,
  lastId: string | undefined,
): Promise<void> {
  // Tells the client that it is connected even where the first event is left out.
  await stream.write(': connected\n\n');
  let sent = lastId;
  for (;;) {
    const { id, data } = await source.read();
    if (id !== sent) await stream.writeSSE({ event: source.event, id, data });
    sent = id;
    let woken = await bell.wait(source.heartbeatMs);
    while (woken === 'silent') {
      if (!(await source.isAllowed())) return;
      await stream.write(': heartbeat\n\n');
      woken = await bell.wait(source.heartbeatMs);
    }
    if (woken === 'closed') return;
  }
}

/** Wakes one waiter. Rings while nobody waits are kept as a single one. */
export type Bell = {
  readonly ring: () => void;
  readonly close: () => void;
  readonly wait: (timeoutMs: number) => Promise<'rung' | 'silent' | 'closed'>;
};

export function createBell(): Bell {
  let rung = false;
  let closed = false;
  let wake: () => void = () => undefined;
  return {
    ring() {
      rung = true;
      wake();
    },
    close() {
      closed = true;
      wake();
    },
    async wait(timeoutMs) {
      let timer: NodeJS.Timeout | undefined;
      if (!rung && !closed) {
        await new Promise<void>((resolve) => {
          wake = resolve;
          timer = setTimeout(resolve, timeoutMs);
        });
        clearTimeout(timer);
      }
      if (closed) return 'closed';
      const outcome = rung ? 'rung' : 'silent';
      rung = false;
      return outcome;
    },
  };
}
