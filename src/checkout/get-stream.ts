import type { Context } from 'hono';
import { streamSSE, type SSEStreamingApi } from 'hono/streaming';
import { loadOrder } from '../orders/store/order.js';
import type { OrderRecord } from '../orders/rules/record.js';
import { createBell, type Bell } from '../http/kit/event-stream.js';
import { describeError } from '../base/describe-error.js';
import type { IngressEnv } from '../http/kit/route.js';
import { accessOrder, refuse } from './access.js';
import type { CheckoutDeps } from './deps.js';
import { payerEvent, payerView, type PayerView } from './payer-view.js';
import type { Renewal } from './renewal.js';

const HEARTBEAT_MS = 15_000;
/** Then the browser opens the next stream: nothing leaks for long, and the token is checked again. */
const LIFE_MS = 30 * 60_000;
const RETRY_MS = 3_000;

/** Events `order`, id = version: the present state, then one per change. Every heartbeat also renews a code that is about to end. */
export function getStream(deps: CheckoutDeps, renew: Renewal) {
  const takeSeat = createSeats();
  return async (c: Context<IngressEnv>): Promise<Response> => {
    const access = await accessOrder(deps, c);
    if (!access.ok) return refuse(c, access.error);
    if (c.req.method === 'HEAD') return c.body(null);
    const { mchid, orderNo } = access.value;
    const leave = takeSeat(`${mchid}/${orderNo}`);
    if (leave === undefined) return refuse(c, 'rate_limited', HEARTBEAT_MS / 1000);
    c.header('X-Accel-Buffering', 'no');
    return streamSSE(c, async (stream) => {
      const bell = createBell();
      const unsubscribe = deps.changes.subscribe({ mchid, orderNo }, () => bell.ring());
      const end = (): void => bell.close();
      deps.stopping?.addEventListener('abort', end);
      stream.onAbort(end);
      if (deps.stopping?.aborted === true) end();
      try {
        await follow(deps, renew, { order: access.value, stream, bell });
      } catch (error) {
        deps.log.warn({ error: describeError(error), mchid, orderNo }, 'a checkout stream ended early');
      } finally {
        deps.stopping?.removeEventListener('abort', end);
        unsubscribe();
        leave();
      }
    });
  };
}

async function follow(
  deps: CheckoutDeps,
  renew: Renewal,
  { order, stream, bell }: { order: OrderRecord; stream: SSEStreamingApi; bell: Bell },
): Promise<void> {
  const endsAt = performance.now() + LIFE_MS;
  // Read after the subscription: what changed since access was checked is in it, and what changes next rings.
  let current = await loadOrder(deps.db, order);
  let sent = '';
  while (current !== undefined && performance.now() < endsAt) {
    const view = payerView(current, deps.now());
    const print = JSON.stringify(view);
    if (print === sent) await stream.write(': still here\n\n');
    else await send(deps, stream, view);
    sent = print;
    void renew(current);
    const woken = await bell.wait(deps.streamHeartbeatMs ?? HEARTBEAT_MS);
    if (woken === 'closed') return;
    if (woken === 'rung') current = await loadOrder(deps.db, order);
  }
}

async function send(deps: CheckoutDeps, stream: SSEStreamingApi, view: PayerView): Promise<void> {
  const data = JSON.stringify(await payerEvent(view, deps.now()));
  await stream.writeSSE({ event: 'order', id: String(view.version), data, retry: RETRY_MS });
}

/** Streams that may follow one order at once; nobody has that many screens. */
const PER_ORDER = 20;

function createSeats() {
  const taken = new Map<string, number>();
  /** Gives back a function to leave by, or `undefined` when all are taken. */
  return (order: string): (() => void) | undefined => {
    const count = taken.get(order) ?? 0;
    if (count >= PER_ORDER) return undefined;
    taken.set(order, count + 1);
    return () => {
      const left = (taken.get(order) ?? 1) - 1;
      if (left === 0) taken.delete(order);
      else taken.set(order, left);
    };
  };
}
