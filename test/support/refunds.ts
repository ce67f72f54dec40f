import { randomInt } from 'node:crypto';
import { expect } from 'vitest';
import type { OrderNo } from '../../src/base/ids.js';
import type { RefundResolveAction } from '../../src/refunds/rules/states.js';
import { SEARCH_ATTRIBUTES } from '../../workflows/saga/messages.js';
import type { OrderAnswer, RefundAnswer } from './order-answer.js';
import type { SandboxRefund } from './sandbox-control.js';
import type { Saga, Shop } from './saga.js';
import { until } from './until.js';

export type RefundCallAnswer = { readonly status: number; readonly body: RefundAnswer };

/** Refunds of one shop, as the shop, its operator and WeChat Pay see them. */
export type Refunding = {
  /** An order of 1200 fen that is paid, and whose workflow has ended. */
  paid(fields?: Record<string, unknown>): Promise<OrderNo>;
  /** A closed order that was paid afterwards: its money goes back under {@link returnNo}. */
  paidLate(): Promise<OrderNo>;
  post(orderNo: string, body: Record<string, unknown>): Promise<RefundCallAnswer>;
  /** A refund that was taken, under a number of its own. */
  ask(orderNo: string, amountFen: number): Promise<string>;
  when(refundNo: string, wished: (refund: RefundAnswer) => boolean, timeoutMs?: number): Promise<RefundAnswer>;
  /** Waits until the row and the workflow have come to this end. */
  ended(refundNo: string, state: 'succeeded' | 'rejected' | 'closed', timeoutMs?: number): Promise<RefundAnswer>;
  orderWhen(orderNo: OrderNo, wished: (order: OrderAnswer) => boolean, timeoutMs?: number): Promise<OrderAnswer>;
  /** Waits until WeChat Pay knows of this many refunds of the order's first attempt. */
  atWeChat(orderNo: string, count?: number): Promise<SandboxRefund[]>;
  decide(refundNo: string, action: RefundResolveAction, key?: string): Promise<RefundCallAnswer>;
  /** The trouble that its workflow shows in lists. */
  shown(refundNo: string): Promise<unknown>;
  newNo(): string;
  /** WeChat Pay wants a minute between two refunds of one trade, and PaySaga keeps to it: as if it had passed. */
  aMinuteLater(orderNo: string): Promise<void>;
};

export const returnNo = (orderNo: string): string => `${orderNo}@return`;

export function refunding(saga: Saga, shop: Shop = saga): Refunding {
  const call = async (method: string, path: string, body?: unknown, key = shop.apiKey): Promise<RefundCallAnswer> => {
    const { status, body: answer }: { status: number; body: unknown } = await saga.call(method, path, body, key);
    return { status, body: answer as RefundAnswer };
  };
  const path = (refundNo: string): string => `/v1/refunds/${encodeURIComponent(refundNo)}`;

  const it: Refunding = {
    async paid(fields = {}) {
      const { orderNo } = await saga.createOrder(fields, shop);
      await shop.gateway.pay(orderNo);
      await saga.workflow(orderNo, shop).result();
      expect(await saga.order(orderNo, shop)).toMatchObject({ state: 'paid', paidFen: 1200 });
      return orderNo;
    },
    async paidLate() {
      const { orderNo } = await saga.createOrder({}, shop);
      await saga.call('POST', `/v1/orders/${orderNo}/close`, undefined, shop.apiKey);
      await it.orderWhen(orderNo, ({ state }) => state === 'closed');
      await shop.gateway.pay(orderNo, { force: true });
      await it.atWeChat(orderNo, 1);
      return orderNo;
    },
    post: (orderNo, body) => call('POST', `/v1/orders/${orderNo}/refunds`, body),
    async ask(orderNo, amountFen) {
      const refundNo = it.newNo();
      const { status, body } = await it.post(orderNo, { refundNo, amountFen });
      expect([status, body]).toMatchObject([201, { refundNo, amountFen, cause: 'shop' }]);
      return refundNo;
    },
    async when(refundNo, wished, timeoutMs) {
      let last: RefundCallAnswer | undefined;
      const look = async (): Promise<RefundAnswer | false> => {
        last = await call('GET', path(refundNo));
        return last.status === 200 && wished(last.body) && last.body;
      };
      return until('the refund as wished', look, timeoutMs).catch((cause: unknown) => {
        throw new Error(`the refund never became as wished: ${JSON.stringify(last)}`, { cause });
      });
    },
    async ended(refundNo, state, timeoutMs) {
      const refund = await it.when(refundNo, (seen) => seen.state === state, timeoutMs);
      await saga.refundWorkflow(refundNo, shop).result();
      return refund;
    },
    async orderWhen(orderNo, wished, timeoutMs) {
      let last: OrderAnswer | undefined;
      const look = async (): Promise<OrderAnswer | false> => {
        last = await saga.order(orderNo, shop);
        return wished(last) && last;
      };
      return until('the order as wished', look, timeoutMs).catch((cause: unknown) => {
        throw new Error(`the order never became as wished: ${JSON.stringify(last)}`, { cause });
      });
    },
    async atWeChat(orderNo, count) {
      if (count === undefined) return shop.gateway.refunds(orderNo);
      return until(`${count} refunds at WeChat Pay`, async () => {
        const refunds = await shop.gateway.refunds(orderNo);
        return refunds.length >= count && refunds;
      });
    },
    decide: (refundNo, action, key = saga.operatorKey) =>
      call('POST', `${path(refundNo)}/resolve?mchid=${shop.mchid}`, { action, reason: 'a test' }, key),
    shown: async (refundNo) =>
      (await saga.refundWorkflow(refundNo, shop).describe()).typedSearchAttributes
        .getAll()
        .find(({ key }) => key.name === SEARCH_ATTRIBUTES.stuckReason)?.value,
    newNo: () => `R-${Date.now().toString(36)}-${randomInt(1e9).toString(36)}`,
    async aMinuteLater(orderNo) {
      await saga.services.connection.sql`
        update attempts set refund_applied_at = refund_applied_at - interval '61 seconds' where order_no = ${orderNo}`;
      await shop.gateway.advance(61);
    },
  };
  return it;
}
