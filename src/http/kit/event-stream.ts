import type { Context } from 'hono';
import { streamSSE, type SSEStreamingApi } from 'hono/streaming';
import type { Logger } from 'pino';
import { describeError } from '../../base/describe-error.js';
import { createSeats } from '../../base/rate.js';
import type { Actor } from './actor.js';
import { ApiError } from './api-error.js';

type Changes = {
  readonly stopping: AbortSignal | undefined;
  readonly subscribe: (listener: () => void) => () => void;
  /** Called when the stream has ended: gives back its seat. */
  readonly leave: () => void;
  readonly failed: (error: unknown) => void;
};

/** Gives back a function to leave by. Throws `rate_limited` where the key has as many streams as it may. */
export type StreamSeats = (actor: Actor) => () => void;

type EventSource = Omit<Changes, 'failed' | 'leave'> & {
  readonly takeSeat: () => () => void;
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
  const leave = source.takeSeat();
  return bellStream(c, { ...source, leave, failed }, (stream, bell) => pump(stream, source, bell, lastId));
}

/** A quarter of a listener's connections: no key alone keeps WeChat Pay, the payers and other keys out. */
export const STREAMS_PER_KEY = 1_024;

/** As long as a heartbeat takes to come: a stream that is over is mostly gone by then. */
const SEAT_SECONDS = 15;

/** For all streams of one process that an API key opens. */
export function createStreamSeats(most: number): StreamSeats {
  const takeSeat = createSeats(most);
  const detail = `This key follows ${most} streams already. End one first, or follow /v1/events/stream in place of single orders.`;
  return ({ keyId }) => {
    const leave = takeSeat(keyId);
    if (leave === undefined) throw new ApiError('rate_limited', detail, { retryAfterSeconds: SEAT_SECONDS });
    return leave;
  };
}

/** A stream whose bell rings with each change, and closes when the client leaves or the process stops. */
export function bellStream(
  c: Context,
  { stopping, subscribe, leave, failed }: Changes,
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
      leave();
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
