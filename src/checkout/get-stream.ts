import type { Context } from 'hono';
import type { SSEStreamingApi } from 'hono/streaming';
import { createSeats } from '../base/rate.js';
import { loadOrder } from '../orders/store/order.js';
import type { OrderRecord } from '../orders/rules/record.js';
import { bellStream, type Bell } from '../http/kit/event-stream.js';
import { describeError } from '../base/describe-error.js';
import type { IngressEnv } from '../http/kit/route.js';
import { accessOrder, refuse, type CheckoutDeps } from './access.js';
import { payerEvent, payerView, type PayerView } from './payer-view.js';
import type { Renewal } from './renewal.js';

const HEARTBEAT_MS = 15_000;
/** Then the browser opens the next stream: nothing leaks for long, and the token is checked again. */
const LIFE_MS = 30 * 60_000;
const RETRY_MS = 3_000;
/** Streams that may follow one order at once; nobody has that many screens. */
const PER_ORDER = 20;

/** Events `order`, id = version: the present state, then one per change. Each heartbeat renews a code that is about to end. */
export function getStream(deps: CheckoutDeps, renew: Renewal) {
  const takeSeat = createSeats(PER_ORDER);
  return async (c: Context<IngressEnv>): Promise<Response> => {
    const access = await accessOrder(deps, c);
    if (!access.ok) return refuse(c, access.error);
    if (c.req.method === 'HEAD') return c.body(null);
    const { mchid, orderNo } = access.value;
    const leave = takeSeat(`${mchid}/${orderNo}`);
    if (leave === undefined) return refuse(c, 'rate_limited', HEARTBEAT_MS / 1000);
    const subscribe = (ring: () => void) => deps.changes.subscribe({ mchid, orderNo }, ring);
    const failed = (error: unknown): void =>
      deps.log.warn({ error: describeError(error), mchid, orderNo }, 'a checkout stream ended early');
    return bellStream(c, { stopping: deps.stopping, subscribe, leave, failed }, (stream, bell) =>
      follow(deps, renew, { order: access.value, stream, bell }),
    );
  };
}

async function follow(
  deps: CheckoutDeps,
  renew: Renewal,
  { order, stream, bell }: { order: OrderRecord; stream: SSEStreamingApi; bell: Bell },
): Promise<void> {
  const endsAt = performance.now() + LIFE_MS;
  // Read after the subscription, so that no change falls between them.
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
