import type { AttemptRecord, OrderRecord } from '../orders/rules/record.js';
import type { OpenAttemptOutcome } from '../orders/client.js';
import { describeError } from '../base/describe-error.js';
import type { CheckoutDeps } from './access.js';
import { payableUntil, shownAttempt } from './payer-view.js';

/** A code with less left is replaced; with less left of the order, none is worth it. */
const MARGIN_MS = 60_000;
/** A refusal is final for this number. */
const AFTER_NO_MS = 10 * 60_000;
/** Also after a success: a reader may hold the old code until the change is heard. */
const OTHERWISE_AFTER_MS = 15_000;
const MANY = 1_000;

/** `asked`: the order may have changed. */
export type Renewal = (order: OrderRecord) => Promise<'asked' | 'nothing'>;

/**
 * Asks for a fresh code when the shown one is about to end; the code arrives as a change of the order. Never rejects. One question
 * at a time and attempt; those of several processes share one request id a minute.
 */
export function createRenewal(deps: Pick<CheckoutDeps, 'orders' | 'now' | 'log'>): Renewal {
  const asking = new Map<string, Promise<void>>();
  const notBeforeMs = new Map<string, number>();

  async function ask(order: OrderRecord, attempt: AttemptRecord, key: string): Promise<void> {
    const outcome = await reenter(deps, order, attempt);
    const nowMs = deps.now().getTime();
    if (notBeforeMs.size >= MANY) for (const [old, ms] of notBeforeMs) if (ms <= nowMs) notBeforeMs.delete(old);
    const isFinal = outcome === 'refused' || outcome === 'not_payable';
    notBeforeMs.set(key, nowMs + (isFinal ? AFTER_NO_MS : OTHERWISE_AFTER_MS));
  }

  return async (order) => {
    const now = deps.now();
    const attempt = outlivedAttempt(order, now);
    if (attempt === undefined) return 'nothing';
    const key = `${order.mchid}/${attempt.outTradeNo}/${attempt.codeExpiresAt?.getTime() ?? 0}`;
    if ((notBeforeMs.get(key) ?? 0) > now.getTime()) return 'nothing';
    const asked = asking.get(key) ?? ask(order, attempt, key).finally(() => asking.delete(key));
    asking.set(key, asked);
    await asked;
    return 'asked';
  };
}

/** The shown attempt, if its code ends within a minute and the order later. */
export function outlivedAttempt(order: OrderRecord, now: Date): AttemptRecord | undefined {
  const attempt = shownAttempt(order);
  if (order.state !== 'awaitingPayment' || attempt?.state !== 'open' || attempt.codeExpiresAt === null)
    return undefined;
  const soon = new Date(now.getTime() + MARGIN_MS);
  return attempt.codeExpiresAt < soon && payableUntil(order, attempt) > soon ? attempt : undefined;
}

async function reenter(
  { orders, now, log }: Pick<CheckoutDeps, 'orders' | 'now' | 'log'>,
  order: OrderRecord,
  attempt: AttemptRecord,
): Promise<OpenAttemptOutcome | 'unavailable'> {
  const minute = Math.floor(now().getTime() / 60_000);
  try {
    return await orders.openAttempt({
      mchid: order.mchid,
      orderNo: order.orderNo,
      outTradeNo: attempt.outTradeNo,
      product: attempt.product,
      appid: attempt.appid,
      reenter: true,
      requestId: `renew-${attempt.number}-${attempt.codeExpiresAt?.getTime() ?? 0}-${minute}`,
    });
  } catch (error) {
    const { mchid, orderNo } = order;
    log.warn({ error: describeError(error), mchid, orderNo }, 'a checkout code could not be renewed');
    return 'unavailable';
  }
}
