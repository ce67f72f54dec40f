import { describe, expect, test } from 'vitest';
import { nthOutTradeNo } from '../../src/orders/store/attempt.js';
import type { AttemptRecord, OrderRecord } from '../../src/orders/rules/record.js';
import { payerView } from '../../src/checkout/payer-view.js';
import { fen } from './support/checkout-order.js';
import { attemptRecord, orderRecord, refundRecord as refund } from './support/records.js';

const CREATED = new Date('2026-03-01T12:00:00Z');
const at = (seconds: number): Date => new Date(CREATED.getTime() + seconds * 1000);
const orderNo = orderRecord({}).orderNo;
const attempt = (changed: Partial<AttemptRecord> = {}): AttemptRecord =>
  attemptRecord({ state: 'open', codeUrl: 'weixin://1', codeExpiresAt: at(900), ...changed });
const order = (changed: Partial<OrderRecord> = {}): OrderRecord =>
  orderRecord({
    state: 'awaitingPayment',
    createdAt: CREATED,
    expiresInSeconds: 900,
    expiresAt: at(900),
    attempts: [attempt()],
    ...changed,
  });

const paidOrder = (money: Partial<AttemptRecord>): Partial<OrderRecord> => ({
  state: 'paid',
  paidAttempt: nthOutTradeNo(orderNo, 1),
  paidFen: fen(1200),
  paidAt: at(60),
  attempts: [attempt({ state: 'succeeded', paidFen: fen(1200), ...money })],
});
const closedOrder = (
  closedReason: 'expired' | 'cancelled' | 'returned',
  money: Partial<AttemptRecord>,
  refunds: OrderRecord['refunds'] = [],
): Partial<OrderRecord> => ({
  state: 'closed',
  closedReason,
  returnedFen: fen(money.refundedFen ?? 0),
  attempts: [attempt({ state: 'succeeded', ...money })],
  refunds,
});

describe('what the payer is told', () => {
  const preparing = attempt({ state: 'preparing', codeUrl: null, codeExpiresAt: null });
  test.each<[string, Partial<OrderRecord>]>([
    ['creating', { state: 'creating', attempts: [preparing] }],
    ['creating', { attempts: [attempt({ state: 'closed' }), { ...preparing, number: 2 }] }],
    ['stuck', { state: 'creating', attempts: [preparing], stuckReason: 'merchant_config' }],
    ['awaiting', {}],
    ['awaiting', { stuckReason: 'gateway_unreachable' }],
    ['paid', { state: 'paid', paidAttempt: nthOutTradeNo(orderNo, 1) }],
    ['paid', paidOrder({})],
    ['refunding', paidOrder({ refundingFen: fen(1) })],
    ['refunding', paidOrder({ refundingFen: fen(1200) })],
    ['refunding', paidOrder({ refundedFen: fen(200), refundingFen: fen(1000) })],
    ['partlyRefunded', paidOrder({ refundedFen: fen(1199) })],
    ['refunded', paidOrder({ refundedFen: fen(1200) })],
    ['paid', { ...paidOrder({}), returnedFen: fen(1200) }],
    ['review', { state: 'review', reviewReason: 'amount_mismatch' }],
    ['expired', { state: 'closed', closedReason: 'expired' }],
    ['cancelled', { state: 'closed', closedReason: 'cancelled' }],
    ['closed', { state: 'closed', closedReason: 'rejected' }],
    ['returned', { state: 'closed', closedReason: 'returned' }],
    ['returned', { state: 'closed', closedReason: 'expired', returnedFen: fen(1200) }],
    ['returned', closedOrder('returned', { paidFen: fen(1200) })],
    ['returning', closedOrder('returned', { paidFen: fen(1200), refundingFen: fen(1200) }, [refund()])],
    ['returning', closedOrder('expired', { paidFen: fen(1200), refundingFen: fen(1200) }, [refund()])],
    ['returned', closedOrder('returned', { paidFen: fen(1200), refundedFen: fen(1200) }, [refund()])],
    ['returned', closedOrder('cancelled', { paidFen: fen(1200), refundedFen: fen(1200) }, [refund()])],
    ['review', closedOrder('returned', { paidFen: fen(1200) }, [refund({ state: 'rejected' })])],
    [
      'review',
      { state: 'closed', closedReason: 'expired', attempts: [attempt({ state: 'succeeded', paidFen: fen(1200) })] },
    ],
  ])('%s: %j', (status, changed) => {
    expect(payerView(order(changed), at(10)).status).toBe(status);
  });
});

test('an order past its time that is not closed yet is being confirmed, and shows no code', () => {
  expect(payerView(order(), at(899))).toMatchObject({ status: 'awaiting', codeUrl: 'weixin://1' });
  expect(payerView(order(), at(900))).toMatchObject({ status: 'confirming', codeUrl: null, h5Url: null });
  const noCode = { codeUrl: null, h5Url: null };
  expect(payerView({ ...order(), ending: 'expired' }, at(1))).toMatchObject({ status: 'confirming', ...noCode });
  expect(payerView({ ...order(), ending: 'cancelled' }, at(1))).toMatchObject({ status: 'closing', ...noCode });
});

test("an extended deadline does not extend what WeChat Pay's first attempt can be paid for", () => {
  const extended = order({ expiresAt: at(3600) });
  expect(payerView(extended, at(10)).expiresAt).toEqual(at(900));
  expect(payerView(extended, at(1000)).status).toBe('confirming');
});

test('a second attempt carries the deadline it was opened with', () => {
  const second = attempt({
    number: 2,
    outTradeNo: nthOutTradeNo(orderNo, 2),
    codeUrl: 'weixin://2',
    codeExpiresAt: at(3600),
  });
  const view = payerView(order({ expiresAt: at(3600), attempts: [attempt({ state: 'closed' }), second] }), at(1000));
  expect(view).toMatchObject({ status: 'awaiting', codeUrl: 'weixin://2', expiresAt: at(3600) });
});

test('an outlived code is not shown', () => {
  const view = payerView(order({ attempts: [attempt({ codeExpiresAt: at(300) })] }), at(300));
  expect(view).toMatchObject({ status: 'awaiting', codeUrl: null });
});

test('a paid order shows what was paid, not what was asked', () => {
  const payment = {
    payer: null,
    tradeType: 'NATIVE',
    payerCurrency: 'CNY',
    payerAmount: 1000,
    coupons: [],
    couponsLeftOut: 0,
  };
  const paidAttempt = nthOutTradeNo(orderNo, 1);
  const paid = order({
    state: 'paid',
    paidAttempt,
    paidFen: fen(1100),
    paidAt: at(60),
    attempts: [attempt({ state: 'succeeded', paidFen: fen(1100), refundedFen: fen(300), payment })],
  });
  expect(payerView(paid, at(70))).toMatchObject({ amountFen: 1100, payerFen: 1000, refundedFen: 300, paidAt: at(60) });
});

test('money of another payment is told apart from what the order was paid with', () => {
  const other = attempt({ number: 2, outTradeNo: nthOutTradeNo(orderNo, 2), state: 'succeeded', paidFen: fen(1200) });
  const first = attempt({ state: 'succeeded', paidFen: fen(1200), refundingFen: fen(5) });
  const onItsWay = { ...paidOrder({}), attempts: [first, { ...other, refundingFen: fen(1200) }] };
  expect(payerView(order(onItsWay), at(70))).toMatchObject({ refundingFen: 5, returnedFen: 0, returningFen: 1200 });
  const back = { ...paidOrder({}), returnedFen: fen(1200), attempts: [first, { ...other, refundedFen: fen(1200) }] };
  expect(payerView(order(back), at(70))).toMatchObject({ refundedFen: 0, returnedFen: 1200, returningFen: 0 });
});

test('the view has no field that a payer may not see', () => {
  const view = payerView(order({ attach: 'secret', metadata: { secret: true }, stuckReason: 'review' }), at(10));
  expect(Object.keys(view).sort()).toEqual(
    [
      'amountFen',
      'codeUrl',
      'expiresAt',
      'h5Url',
      'paidAt',
      'payerFen',
      'product',
      'refundedFen',
      'refundingFen',
      'returnedFen',
      'returningFen',
      'status',
      'version',
    ].sort(),
  );
});
