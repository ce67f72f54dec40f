import { activityInfo, cancellationSignal } from '@temporalio/activity';
import type { Mchid } from '../src/base/ids.js';
import { deliveryDelayMs } from '../src/shop-events/rules/event.js';
import { shopOf } from '../src/orders/rules/beginning.js';
import { storedOrder } from '../src/orders/rules/stored.js';
import type { Db } from '../src/db/connection.js';
import { recordDelivery, type Delivery, loadEventToSend, type EventToSend } from '../src/shop-events/store/delivery.js';
import { showNotWritten } from '../src/orders/store/change.js';
import { loadOrder } from '../src/orders/store/order.js';
import {
  DELIVERY_TIMEOUT_MS,
  type DeliveryAnswer,
  type ShopWebhook,
  type ShopWebhooks,
} from '../src/webhooks/webhooks.js';
import { createGate, type CallEnd, type Gate } from '../src/channels/flow/gate.js';
import type { OrderWorkflows } from '../src/orders/client.js';
import type { Observe } from './observe.js';
import { notYet, written } from './retry.js';

export type EventDeps = {
  readonly db: Db;
  readonly webhooks: ShopWebhooks;
  readonly orders: Pick<OrderWorkflows, 'shopHeard'>;
  readonly now: () => Date;
  /** Uniform in 0..1. */
  readonly random: () => number;
  readonly observe?: Observe;
};

/** `over`: there is nothing to tell any more. `later`: the event's own workflow goes on. */
export type ToldOutcome =
  { readonly kind: 'delivered'; readonly atMs: number } | { readonly kind: 'later' | 'unaddressed' | 'over' };

export type EventActivities = ReturnType<typeof createEventActivities>;

/** Within the 2 s of a local activity. */
const BRIEF_MS = 1_500;

/** Telling the shop. Every try is kept, whatever came of it. */
export function createEventActivities(deps: EventDeps) {
  const gates = new Map<Mchid, Gate>();
  const gateOf = (mchid: Mchid): Gate => {
    const gate = gates.get(mchid) ?? createGate(UNLIMITED, () => deps.now().getTime());
    gates.set(mchid, gate);
    return gate;
  };
  return {
    /** The first try, inside the order: a shop that hangs must not hold the orders of others. */
    async tellShop({ eventId }: { readonly eventId: string }): Promise<ToldOutcome> {
      const event = await loadEventToSend(deps.db, eventId);
      if (event?.status !== 'pending') return { kind: 'over' };
      const webhook = deps.webhooks.for(event.mchid);
      if (webhook === undefined) return unaddressed(deps, event);
      const entry = gateOf(event.mchid).enter('brief');
      if (entry.kind === 'shut') return { kind: 'later' };
      let end: CallEnd = 'undecided';
      try {
        const { then, at, status } = await trySending(deps, webhook, event, BRIEF_MS);
        end = status === 0 ? 'failed' : 'succeeded';
        return then.kind === 'delivered' ? { kind: 'delivered', atMs: at.getTime() } : { kind: 'later' };
      } finally {
        entry.pass.leave(end);
      }
    },

    /** All further tries, one activity: the row says when the next is due, and this is retried until then. */
    async deliverEvent({ eventId }: { readonly eventId: string }): Promise<void> {
      const event = await loadEventToSend(deps.db, eventId);
      if (event === undefined) return;
      if (event.status === 'pending') await deliverPending(deps, event);
      await orderHears(deps, eventId);
    },
  };
}

const UNLIMITED = { take: () => 0 };

async function deliverPending(deps: EventDeps, event: EventToSend): Promise<void> {
  const webhook = deps.webhooks.for(event.mchid);
  if (webhook === undefined) {
    await unaddressed(deps, event);
    return;
  }
  const dueInMs = (event.nextAt?.getTime() ?? 0) - deps.now().getTime();
  if (dueInMs > 0) throw notTold(dueInMs);
  const { then } = await trySending(deps, webhook, event, DELIVERY_TIMEOUT_MS);
  if (then.kind === 'again') throw notTold(then.nextAt.getTime() - deps.now().getTime());
}

async function unaddressed(deps: EventDeps, event: EventToSend): Promise<ToldOutcome> {
  const then = { kind: 'unaddressed' } as const;
  await keep(deps, event, { eventId: event.id, at: deps.now(), status: 0, outcome: then.kind, durationMs: 0, then });
  return then;
}

async function trySending(
  deps: EventDeps,
  webhook: ShopWebhook,
  event: EventToSend,
  timeoutMs: number,
): Promise<Delivery> {
  const { id, mchid, body, tries } = event;
  const at = deps.now();
  const signal = cancellationSignal();
  const answer = await webhook.send({ id, timestamp: at, body }, { timeoutMs, signal });
  const delivery: Delivery = {
    eventId: id,
    at,
    status: 'status' in answer ? answer.status : 0,
    outcome: answer.kind === 'failed' ? answer.reason : answer.kind,
    durationMs: deps.now().getTime() - at.getTime(),
    then: whatNext(deps, answer, tries + 1),
  };
  await keep(deps, event, delivery);
  deps.observe?.delivery({ mchid, outcome: delivery.outcome, durationMs: delivery.durationMs });
  return delivery;
}

/** What Postgres refuses to keep shows; the shop is told again then, slowly, under the same event id. */
async function keep({ db, now }: EventDeps, { mchid, orderNo }: EventToSend, delivery: Delivery): Promise<void> {
  await written(
    { unwritten: true },
    () => recordDelivery(db, delivery),
    () => (orderNo === null ? Promise.resolve() : showNotWritten(db, { mchid, orderNo }, now())),
  );
}

/** 410 says that nobody listens there any more. */
function whatNext({ now, random }: EventDeps, answer: DeliveryAnswer, tries: number): Delivery['then'] {
  if (answer.kind === 'delivered') return { kind: 'delivered' };
  if (answer.kind === 'gone') return { kind: 'exhausted' };
  const retryAfterMs = answer.kind === 'refused' ? answer.retryAfterMs : null;
  const delayMs = deliveryDelayMs(tries, random(), retryAfterMs);
  return delayMs === undefined ? { kind: 'exhausted' } : { kind: 'again', nextAt: new Date(now().getTime() + delayMs) };
}

/** The clock of a fulfilment starts when the shop was told: the order that waits for it hears of that, at least once. */
async function orderHears({ db, orders }: EventDeps, eventId: string): Promise<void> {
  const event = await loadEventToSend(db, eventId);
  if (event?.type !== 'order.paid' || event.orderNo === null) return;
  const ref = { mchid: event.mchid, orderNo: event.orderNo };
  const order = await loadOrder(db, ref);
  if (order?.fulfilment !== 'pending') return;
  const shop = shopOf(storedOrder(order).paidEvent);
  if (shop.kind !== 'untold') await orders.shopHeard({ ...ref, shop });
}

const notTold = (delayMs: number) =>
  notYet(`the shop was not told, try ${activityInfo().attempt}`, 'shop_not_told', delayMs);
