import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RefundAnswer } from '../support/order-answer.js';
import type { SandboxRefund } from '../support/sandbox-control.js';
import { until, type Problem } from '../support/caller.js';
import { newOrderNo, useStack } from '../support/dev-stack.js';

const PAID_FEN = 1_200;
/** A refund that could not be started is a minute old when the sweeper looks for it, and it looks every minute. */
const SWEPT_MS = 240_000;

describe('what is asked about refunds and goods, and cannot be', () => {
  const stack = useStack({ durable: true });
  let sql: postgres.Sql;
  beforeAll(() => {
    sql = postgres(stack.dev.databaseUrl, { max: 1, onnotice: () => undefined });
  });
  afterAll(async () => {
    await sql.end({ timeout: 1 });
  });

  const newRefundNo = () => `R-${newOrderNo()}`;
  const post = <Body = Problem>(path: string, body: unknown, key?: string) => stack.api<Body>('POST', path, body, key);
  const refund = (orderNo: string, fields: object = {}) =>
    post(`/v1/orders/${orderNo}/refunds`, { refundNo: newRefundNo(), amountFen: 100, ...fields });
  const fulfilment = (orderNo: string, outcome: string) => post(`/v1/orders/${orderNo}/fulfilment`, { outcome });
  const asOperator = (path: string, body: unknown) =>
    post(`${path}?mchid=${stack.dev.mchid}`, body, stack.dev.operatorKey);

  async function opened(fields: object = {}): Promise<string> {
    const orderNo = newOrderNo();
    const order = { orderNo, amountFen: PAID_FEN, description: 'Tea', product: 'native', ...fields };
    await post('/v1/orders', order);
    await stack.orderWhen(orderNo, ({ attempts }) => attempts.some(({ state }) => state === 'open'));
    return orderNo;
  }
  async function paid(fields: object = {}): Promise<string> {
    const orderNo = await opened(fields);
    await stack.control('POST', '/pay', { outTradeNo: orderNo });
    await stack.orderWhen(orderNo, ({ state }) => state === 'paid');
    await untilStill(orderNo);
    return orderNo;
  }
  const delivered = () => paid({ policy: { fulfilment: { required: true, deadlineSeconds: 3_600 } } });

  /** Nothing is on its way any more that would change a row by itself. */
  const untilStill = (orderNo: string) =>
    until(async () => {
      const [row] = await sql<{ busy: boolean }[]>`
        select exists (select from merchant_events where order_no = ${orderNo} and status = 'pending')
            or exists (select from refunds where order_no = ${orderNo} and state <> 'succeeded')
            or exists (select from notify_inbox where order_no = ${orderNo} and status = 'verified') as busy`;
      return { seen: row, met: row?.busy === false };
    });

  async function closed(): Promise<string> {
    const orderNo = await opened();
    await post(`/v1/orders/${orderNo}/close`, undefined);
    await stack.orderWhen(orderNo, ({ state }) => state === 'closed');
    await untilStill(orderNo);
    return orderNo;
  }
  async function inReview(): Promise<string> {
    const orderNo = await opened();
    await stack.control('POST', '/faults', [{ on: 'pay', kind: 'wrongAmount', totalFen: 900, outTradeNo: orderNo }]);
    await stack.control('POST', '/pay', { outTradeNo: orderNo });
    await stack.orderWhen(orderNo, ({ state }) => state === 'review');
    await untilStill(orderNo);
    return orderNo;
  }
  /** Paid, and refunded in part. */
  async function refunded(refundNo: string, amountFen = 500): Promise<string> {
    const orderNo = await paid();
    expect(await refund(orderNo, { refundNo, amountFen })).toMatchObject({ status: 201, body: { amountFen } });
    await untilStill(orderNo);
    return orderNo;
  }
  async function refundedFiftyTimes(): Promise<string> {
    const orderNo = await paid();
    await sql`
      insert into refunds (mchid, out_refund_no, order_no, out_trade_no, amount_fen, total_fen, state, cause, body_hash,
                           created_at, succeeded_at)
      select mchid, ${orderNo} || '-' || n, order_no, out_trade_no, 1, paid_fen, 'succeeded', 'shop', 'hash', now(), now()
      from attempts, generate_series(1, 50) n where order_no = ${orderNo}`;
    return orderNo;
  }
  async function paidLongAgo(days: number): Promise<string> {
    const orderNo = await paid();
    await sql`update attempts set paid_at = now() - make_interval(days => ${days}) where order_no = ${orderNo}`;
    return orderNo;
  }
  async function overdue(): Promise<string> {
    const orderNo = await delivered();
    await sql`update orders set fulfilment = 'overdue' where order_no = ${orderNo}`;
    return orderNo;
  }

  /** All rows that a refund or a decision would leave, and WeChat Pay's books. */
  async function traces() {
    const rows = await sql`
      select (select json_agg(json_build_array(order_no, version, state, fulfilment) order by order_no) from orders) as orders,
             (select json_agg(json_build_array(out_trade_no, refunding_fen, refunded_fen) order by out_trade_no)
              from attempts) as attempts,
             (select json_agg(json_build_array(out_refund_no, state, amount_fen) order by out_refund_no) from refunds)
               as refunds,
             (select count(*) from merchant_events) as events, (select count(*) from operator_actions) as actions`;
    return {
      rows: [...rows],
      refunds: await stack.control('GET', '/refunds'),
      trades: await stack.control('GET', '/trades'),
    };
  }
  async function expectRefused(status: number, code: string, ask: () => ReturnType<typeof post>): Promise<void> {
    const before = await traces();
    const answer = await ask();
    expect(answer).toMatchObject({ status, body: { status, code } });
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(await traces()).toEqual(before);
  }

  const refundsInVain: readonly [string, number, string, () => Promise<string>, object?][] = [
    ['of an order nobody knows', 404, 'order_not_found', () => Promise.resolve(newOrderNo())],
    ['before the payment', 409, 'order_not_paid', () => opened()],
    ['of a closed order', 409, 'order_not_paid', closed],
    ['of an order in review', 409, 'order_in_review', inReview],
    ['above what was paid', 422, 'refund_exceeds_paid', () => paid(), { amountFen: PAID_FEN + 1 }],
    ['above what is left', 422, 'refund_exceeds_paid', () => refunded(newRefundNo()), { amountFen: PAID_FEN - 499 }],
    ['the 51st', 422, 'refund_limit_reached', refundedFiftyTimes, { amountFen: 1 }],
    ['after 366 days', 422, 'refund_too_old', () => paidLongAgo(366)],
  ];
  test.each(refundsInVain)('a refund %s: %i %s', async (_name, status, code, begin, fields) => {
    const orderNo = await begin();
    await expectRefused(status, code, () => refund(orderNo, fields));
  });

  test('a refund number that is taken: by another amount, another reason, another order', async () => {
    const refundNo = newRefundNo();
    const [orderNo, another] = [await refunded(refundNo), await paid()];
    for (const [of, fields] of [
      [orderNo, { amountFen: 501 }],
      [orderNo, { amountFen: 500, reason: 'cold' }],
      [another, { amountFen: 500 }],
    ] as const) {
      await expectRefused(409, 'refund_conflict', () => refund(of, { refundNo, ...fields }));
    }
    expect(await refund(orderNo, { refundNo, amountFen: 500 })).toMatchObject({ status: 200, body: { refundNo } });
  });

  test('a refund that is badly written', async () => {
    const orderNo = await paid();
    for (const fields of [
      { reason: '茶'.repeat(27) },
      { refundNo: '' },
      { refundNo: 'R'.repeat(65) },
      { refundNo: 'R 1' },
      { refundNo: `${orderNo}@return` },
      { refundNo: '退款' },
      { refundNo: 7 },
      { amountFen: 0 },
      { amountFen: -1 },
      { amountFen: 0.5 },
      { amountFen: '100' },
      { amount: 100 },
    ]) {
      await expectRefused(400, 'invalid_request', () => refund(orderNo, fields));
    }
  });

  const reportsInVain: readonly [string, string, () => Promise<string>][] = [
    ['that were never promised', 'fulfilment_not_expected', () => paid()],
    ['that come too late', 'fulfilment_final', overdue],
    [
      'not paid for',
      'order_not_paid',
      () => opened({ policy: { fulfilment: { required: true, deadlineSeconds: 3_600 } } }),
    ],
  ];
  test.each(reportsInVain)('a report of goods %s: %s', async (_name, code, begin) => {
    const orderNo = await begin();
    await expectRefused(409, code, () => fulfilment(orderNo, 'fulfilled'));
  });

  test('a second report of the same goods that says otherwise', async () => {
    const orderNo = await delivered();
    expect(await fulfilment(orderNo, 'fulfilled')).toMatchObject({ status: 200 });
    await expectRefused(409, 'fulfilment_final', () => fulfilment(orderNo, 'rejected'));
    expect(await fulfilment(orderNo, 'fulfilled')).toMatchObject({ status: 200, body: { fulfilment: 'fulfilled' } });
  });

  test("a decision with a shop's key, without a reason, or about what is not there", async () => {
    const orderNo = await inReview();
    const refundNo = newRefundNo();
    await refunded(refundNo);
    const event = '00000000-0000-4000-8000-000000000000';
    for (const [path, action] of [
      [`/v1/orders/${orderNo}/resolve`, { action: 'return' }],
      [`/v1/refunds/${refundNo}/resolve`, { action: 'paidOffline' }],
      [`/v1/events/${event}/resend`, {}],
    ] as const) {
      await expectRefused(403, 'forbidden', () => post(path, { ...action, reason: 'a test' }));
      await expectRefused(400, 'invalid_request', () => asOperator(path, action));
      await expectRefused(400, 'invalid_request', () => asOperator(path, { ...action, reason: '' }));
    }
    await expectRefused(400, 'invalid_request', () =>
      asOperator(`/v1/orders/${orderNo}/resolve`, { action: 'forgive', reason: 'a test' }),
    );
    for (const [path, code, body] of [
      [`/v1/events/${event}/resend`, 'event_not_found', {}],
      ['/v1/events/none/resend', 'event_not_found', {}],
      [`/v1/refunds/${newRefundNo()}/resolve`, 'refund_not_found', { action: 'paidOffline' }],
      [`/v1/orders/${newOrderNo()}/resolve`, 'order_not_found', { action: 'return' }],
    ] as const) {
      await expectRefused(404, code, () => asOperator(path, { ...body, reason: 'a test' }));
    }
  });

  test('a refund asked for while Temporal is down is kept, joined by the repeat, and refunded once', async () => {
    const orderNo = await paid();
    const body = { refundNo: newRefundNo(), amountFen: 700, reason: 'cold tea' };
    const path = `/v1/orders/${orderNo}/refunds`;
    const seen = () => stack.api<RefundAnswer>('GET', `/v1/refunds/${body.refundNo}`);
    await stack.temporal.kill('SIGKILL');
    try {
      expect(await post(path, body)).toMatchObject({ status: 201, body: { state: 'requested', amountFen: 700 } });
      expect(await post(path, body)).toMatchObject({ status: 200, body: { state: 'requested' } });
      expect(await post(path, { ...body, amountFen: 1 })).toMatchObject({
        status: 409,
        body: { code: 'refund_conflict' },
      });
      expect(await refund(orderNo, { amountFen: 501 })).toMatchObject({ body: { code: 'refund_exceeds_paid' } });
      expect((await seen()).body).toMatchObject({ state: 'requested' });
      expect((await stack.api('GET', `/v1/orders/${orderNo}`)).body).toMatchObject({
        refundingFen: 700,
        refundedFen: 0,
      });
    } finally {
      await stack.temporal.restart();
    }
    await until(async () => {
      const { body: now } = await seen();
      return { seen: now, met: now.state === 'succeeded' };
    }, SWEPT_MS);
    const all = await stack.control<SandboxRefund[]>('GET', '/refunds');
    expect(all.filter((it) => it.out_trade_no === orderNo)).toMatchObject([
      { out_refund_no: body.refundNo, refund: 700, status: 'SUCCESS' },
    ]);
    const order = await stack.orderWhen(orderNo, ({ refundedFen }) => refundedFen === 700);
    expect(order).toMatchObject({ state: 'paid', refundingFen: 0, stuckReason: null });
  });
});
