import type { Context } from 'hono';
import { streamSSE, type SSEStreamingApi } from 'hono/streaming';
import type { Logger } from 'pino';
import { describeError } from '../../base/describe-error.js';

type Changes = {
  readonly stopping: AbortSignal | undefined;
  readonly subscribe: (listener: () => void) => () => void;
  readonly failed: (error: unknown) => void;
};

type EventSource = Omit<Changes, 'failed'> & {
  readonly event: string;
  readonly heartbeatMs: number;
  readonly log: Pick<Logger, 'warn'>;
  /** The latest state; `id` changes whenever `data` does. */
  read(): Promise<{ readonly id: string; readonly data: string }>;
  /** Asked with every heartbeat: a revoked key ends its streams too. */
  isAllowed(): Promise<boolean>;
};

/** The latest state now and after each change; changes that a slow reader misses are told once, by the latest state. */
export function eventStream(c: Context, source: EventSource): Response {
  // Nobody would ever read or cancel a HEAD request's body.
  if (c.req.method === 'HEAD') return c.body(null, 200, { 'Content-Type': 'text/event-stream' });
  const lastId = c.req.header('last-event-id');
  const failed = (error: unknown): void => source.log.warn({ error: describeError(error) }, 'event stream ended early');
  return bellStream(c, { ...source, failed }, (stream, bell) => pump(stream, source, bell, lastId));
}

/** A stream whose bell rings with each change, and closes when the client leaves or the process stops. */
export function bellStream(
  c: Context,
  { stopping, subscribe, failed }: Changes,
  follow: (stream: SSEStreamingApi, bell: Bell) => Promise<void>,
): Response {
  const response = streamSSE(c, async (stream) => {
    const bell = createBell();
    const unsubscribe = subscribe(bell.ring);
    stream.onAbort(bell.close);
    stopping?.addEventListener('abort', bell.close);
    if (stopping?.aborted === true) bell.close();
    try {
      await follow(stream, bell);
    } catch (error) {
      // The client connects again, and that answer says what is wrong.
      failed(error);
    } finally {
      unsubscribe();
      stopping?.removeEventListener('abort', bell.close);
    }
  });
  // Proxies that buffer answers would hold the events back.
  response.headers.set('X-Accel-Buffering', 'no');
  return response;
}

async function pump(
  stream: SSEStreamingApi,
  source: EventSource,
  bell: Bell,
  lastId: string | undefined,
): Promise<void> {
  // The client learns that it is connected even where the first event is left out.
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

function createBell(): Bell {
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
