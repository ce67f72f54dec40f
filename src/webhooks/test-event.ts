import { randomUUID } from 'node:crypto';
import type { Mchid } from '../base/ids.js';
import type { TestTold } from '../shop-events/rules/event.js';
import { DELIVERY_TIMEOUT_MS, type DeliveryAnswer, type ShopWebhooks } from './webhooks.js';

/** Nothing where the shop has no endpoint. */
export type TellTest = (mchid: Mchid) => Promise<TestTold | undefined>;

/** An event about nothing, signed and sent as every other: it shows whether the shop would be told. */
export const createTestTelling =
  (webhooks: ShopWebhooks, now: () => Date): TellTest =>
  async (mchid) => {
    const webhook = webhooks.for(mchid);
    if (webhook === undefined) return undefined;
    const [id, timestamp, beganAt] = [randomUUID(), now(), performance.now()];
    const body = JSON.stringify({ type: 'test', timestamp: timestamp.toISOString(), data: {} });
    const answer = await webhook.send({ id, timestamp, body }, { timeoutMs: DELIVERY_TIMEOUT_MS });
    return { id, ...meaningOf(answer), ms: Math.round(performance.now() - beganAt) };
  };

const meaningOf = (answer: DeliveryAnswer): Pick<TestTold, 'status' | 'outcome'> =>
  answer.kind === 'failed' ? { status: 0, outcome: answer.reason } : { status: answer.status, outcome: answer.kind };
