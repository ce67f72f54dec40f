import { Client, type Connection } from '@temporalio/client';
import { expect } from 'vitest';
import { until } from './caller.js';
import { newOrderNo, type TestStack } from './dev-stack.js';
import type { OrderAnswer } from './order-answer.js';
import type { SandboxRefund, SandboxTrade } from './sandbox-control.js';
import type { ShopEndpoint } from './shop-endpoint.js';

/** One way in which money goes back over a real stack; its end is the same whatever is killed on the way. */
export type MoneyBack = {
  readonly refundNo: (orderNo: string) => string;
  readonly amountFen: number;
  readonly cause: string;
  /** Of the order in the end. */
  readonly sums: { readonly paidFen: number; readonly refundedFen: number; readonly returnedFen: number };
  readonly events: readonly string[];
  begin(): Promise<string>;
  /** What leads to the refund; safe to repeat, as a shop does that got no answer. */
  act(orderNo: string): Promise<unknown>;
};

export type MoneyBackName = 'refund' | 'rejected' | 'late' | 'second';

export type Reality = { readonly stack: TestStack; readonly shop: ShopEndpoint; readonly temporal: Connection };

const PAID_FEN = 1234;
/** A worker that died leaves its activities to time out, 20 s each, and its workflow tasks, 10 s. */
const PATIENCE_MS = 150_000;

export function moneyBackStories({ stack, shop }: Reality): Readonly<Record<MoneyBackName, MoneyBack>> {
  const call = (orderNo: string, path: string, body?: object) =>
    stack.api('POST', `/v1/orders/${orderNo}${path}`, body);
  const heard = (orderNo: string, type: string) =>
    until(() => {
      const seen = shop.of(orderNo).map((event) => event.type);
      return Promise.resolve({ seen, met: seen.includes(type) });
    });
  async function opened(fields: object = {}): Promise<string> {
    const orderNo = newOrderNo();
    const order = { orderNo, amountFen: PAID_FEN, description: 'Two cups', product: 'native', ...fields };
    await stack.api('POST', '/v1/orders', order);
    await stack.orderWhen(orderNo, ({ attempts }) => attempts.some(({ state }) => state === 'open'));
    return orderNo;
  }
  async function pay(outTradeNo: string): Promise<void> {
    const trades = await stack.control<SandboxTrade[]>('GET', '/trades');
    const isPaid = trades.some(
      (it) => it.out_trade_no === outTradeNo && ['SUCCESS', 'REFUND'].includes(it.trade_state),
    );
    if (!isPaid) await stack.control('POST', '/pay', { outTradeNo, force: true });
  }
  async function untilPaid(orderNo: string): Promise<void> {
    await stack.orderWhen(orderNo, ({ state }) => state === 'paid');
    await heard(orderNo, 'order.paid');
    // Its delivery is written too, and in the way of nothing that comes from here on.
    await untilTold(stack, orderNo);
  }
  async function paid(fields?: object): Promise<string> {
    const orderNo = await opened(fields);
    await pay(orderNo);
    await untilPaid(orderNo);
    return orderNo;
  }

  const whole = { refundNo: returnNo, amountFen: PAID_FEN };
  return {
    refund: {
      refundNo: (orderNo) => `R-${orderNo}`,
      amountFen: 700,
      cause: 'shop',
      sums: { paidFen: PAID_FEN, refundedFen: 700, returnedFen: 0 },
      events: ['order.paid', 'refund.succeeded'],
      begin: () => paid(),
      act: (orderNo) => call(orderNo, '/refunds', { refundNo: `R-${orderNo}`, amountFen: 700 }),
    },
    rejected: {
      ...whole,
      cause: 'fulfilment_rejected',
      sums: { paidFen: PAID_FEN, refundedFen: PAID_FEN, returnedFen: 0 },
      events: ['order.paid', 'order.compensating', 'refund.succeeded'],
      begin: () => paid({ policy: { fulfilment: { required: true, deadlineSeconds: 3_600 } } }),
      act: (orderNo) => call(orderNo, '/fulfilment', { outcome: 'rejected' }),
    },
    late: {
      ...whole,
      cause: 'late_payment',
      sums: { paidFen: 0, refundedFen: 0, returnedFen: PAID_FEN },
      events: ['order.closed', 'refund.succeeded'],
      async begin() {
        const orderNo = await opened();
        await call(orderNo, '/close');
        await heard(orderNo, 'order.closed');
        await untilTold(stack, orderNo);
        return orderNo;
      },
      act: pay,
    },
    second: {
      ...whole,
      cause: 'second_payment',
      sums: { paidFen: PAID_FEN, refundedFen: 0, returnedFen: PAID_FEN },
      events: ['order.paid', 'refund.succeeded'],
      async begin() {
        const orderNo = await opened();
        await call(orderNo, '/attempts', { product: 'jsapi', payer: { openid: 'o-payer' } });
        await pay(`${orderNo}*2`);
        await untilPaid(orderNo);
        return orderNo;
      },
      act: pay,
    },
  };
}

const returnNo = (orderNo: string): string => `${orderNo}@return`;

const orderOf = async (stack: TestStack, orderNo: string): Promise<OrderAnswer> =>
  (await stack.api<OrderAnswer>('GET', `/v1/orders/${orderNo}`)).body;

const untilTold = (stack: TestStack, orderNo: string) =>
  until(async () => {
    const seen = (await orderOf(stack, orderNo)).events;
    return { seen, met: seen.every(({ deliveredAt }) => deliveredAt !== null) };
  });

const atWeChat = async (stack: TestStack, orderNo: string): Promise<SandboxRefund[]> =>
  (await stack.control<SandboxRefund[]>('GET', '/refunds')).filter((it) => it.out_trade_no.startsWith(orderNo));

/** WeChat Pay pays it back, as soon as it knows of it. */
export async function settleRefund(stack: TestStack, orderNo: string): Promise<void> {
  const [refund] = await until(async () => {
    const seen = await atWeChat(stack, orderNo);
    return { seen, met: seen.length > 0 };
  }, PATIENCE_MS);
  if (refund?.status !== 'PROCESSING') return;
  const path = `/refunds/${encodeURIComponent(refund.out_refund_no)}/settle`;
  await stack.control('POST', path, { status: 'SUCCESS' });
}

/** In Postgres, at WeChat Pay, at the shop and in Temporal: one refund, the sums it makes, and each event under one id. */
export async function expectRefundedOnce(reality: Reality, story: MoneyBack, orderNo: string): Promise<void> {
  const { stack, shop } = reality;
  const { refundNo, amountFen, cause, sums, events } = story;
  const order = await until(async () => {
    const seen = await orderOf(stack, orderNo);
    const isTold = seen.events.every(({ deliveredAt }) => deliveredAt !== null);
    return { seen, met: isTold && seen.refunds[0]?.state === 'succeeded' };
  }, PATIENCE_MS);
  expect(order).toMatchObject({ ...sums, refundingFen: 0, stuckReason: null, explain: { waitingFor: 'nothing' } });
  expect(order.refunds).toMatchObject([{ refundNo: refundNo(orderNo), amountFen, cause, state: 'succeeded' }]);
  expect(await atWeChat(stack, orderNo)).toMatchObject([
    { out_refund_no: refundNo(orderNo), out_trade_no: orderNo, refund: amountFen, status: 'SUCCESS' },
  ]);
  expect(order.events.map(({ type }) => type)).toEqual(events);
  const told = new Map(shop.of(orderNo).map(({ id, type }) => [id, type]));
  expect([...told].toSorted()).toEqual(order.events.map(({ id, type }) => [id, type]).toSorted());
  expect(shop.of(orderNo).every(({ verified }) => verified)).toBe(true);
  const { mchid } = stack.dev;
  await ended(reality, `order/${mchid}/${orderNo}`);
  await ended(reality, `refund/${mchid}/${refundNo(orderNo)}`);
}

async function ended({ temporal }: Reality, workflowId: string): Promise<void> {
  const client = new Client({ connection: temporal, namespace: 'paysaga' });
  await until(async () => {
    const { status } = await client.workflow.getHandle(workflowId).describe();
    return { seen: status.name, met: status.name === 'COMPLETED' };
  }, PATIENCE_MS);
}
