import type { Context } from 'hono';
import type { SSEStreamingApi } from 'hono/streaming';
import { describeError } from '../../base/describe-error.js';
import { isStillValid } from '../../http/kit/actor.js';
import { bellStream, type Bell } from '../../http/kit/event-stream.js';
import type { IngressEnv, RouteDeps } from '../../http/kit/route.js';
import { lastEvent, readEventLog, START, type LogFilter, type LoggedEvent } from '../store/log.js';

type Followed = {
  readonly filter: LogFilter;
  /** After which event; absent: after the last one there is. */
  readonly begin: { readonly id: string; readonly seq: number } | undefined;
  readonly write: (event: LoggedEvent) => string;
};

const HEARTBEAT_MS = 15_000;
/** Held in memory for a reader that is slow. */
const PAGE = 50;
/** A transaction that writes an event ends soon, and a rolled back one tells nobody. */
const HELD_MS = 100;

/** Events as they are written, each once, in their order. A slow reader holds back its own stream alone. */
export function streamEvents(c: Context<IngressEnv>, deps: RouteDeps, followed: Followed): Response {
  if (c.req.method === 'HEAD') return c.body(null, 200, { 'Content-Type': 'text/event-stream' });
  const actor = c.get('actor');
  const isAllowed = () => isStillValid(deps.connection.db, actor);
  const failed = (error: unknown): void => deps.log.warn({ error: describeError(error) }, 'event stream ended early');
  const subscribe = (listener: () => void) => deps.changes.subscribeEvents(followed.filter.mchid, listener);
  const leave = deps.takeStreamSeat(actor);
  return bellStream(c, { stopping: deps.stopping, subscribe, leave, failed }, (stream, bell) =>
    follow(deps, followed, { stream, bell, isAllowed }),
  );
}

type Reader = {
  readonly stream: SSEStreamingApi;
  readonly bell: Bell;
  /** Asked before every look: a revoked key ends its streams. */
  readonly isAllowed: () => Promise<boolean>;
};

async function follow(deps: RouteDeps, followed: Followed, { stream, bell, isAllowed }: Reader): Promise<void> {
  const { db } = deps.connection;
  const heartbeatMs = deps.streamHeartbeatMs ?? HEARTBEAT_MS;
  const { filter, write } = followed;
  await stream.write(': connected\n\n');
  const begin = followed.begin ?? (await lastEvent(db, filter.mchid)) ?? { id: 'start', seq: START };
  // A client that is cut off before its first event knows where to go on all the same.
  await stream.write(`id: ${begin.id}\n\n`);
  let position = begin.seq;
  let wroteAt = performance.now();
  while (await isAllowed()) {
    const { events, hasMore, isHeld } = await readEventLog(db, filter, { after: position, limit: PAGE });
    for (const event of events) {
      await stream.writeSSE({ event: 'event', id: event.id, data: write(event) });
      position = event.seq;
    }
    if (events.length > 0) wroteAt = performance.now();
    const waitMs = hasMore ? 0 : isHeld ? HELD_MS : heartbeatMs;
    const woken = await bell.wait(waitMs);
    if (woken === 'closed') return;
    const isSilent = woken === 'silent' && waitMs === heartbeatMs;
    if (!isSilent && performance.now() - wroteAt < heartbeatMs) continue;
    await stream.write(': heartbeat\n\n');
    wroteAt = performance.now();
  }
}
