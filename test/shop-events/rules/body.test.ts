import { expect, test } from 'vitest';
import { eventBody } from '../../../src/shop-events/rules/event.js';
import { readableOrder, refundAnswer } from '../../../src/orders/rules/view.js';
import type { RefundRecord } from '../../../src/refunds/rules/record.js';
import { returnNoOf } from '../../../src/base/ids.js';
import { fen, FIRST, MCHID, ORDER_NO, START_MS } from '../../orders/rules/fixtures.js';
import { aRow, openRow } from '../../orders/rules/rows.js';

const at = new Date(START_MS);
const order = aRow({ state: 'paid', version: 7, metadata: { table: 7 } }, [
  { ...openRow, codeUrl: 'weixin://code', prepayId: 'wx-prepay', h5Url: 'https://h5' },
]);
const refund: RefundRecord = {
  mchid: MCHID,
  outRefundNo: returnNoOf(FIRST),
  orderNo: ORDER_NO,
  outTradeNo: FIRST,
  amountFen: fen(700),
  totalFen: fen(1_200),
  state: 'succeeded',
  cause: 'late_payment',
  reason: null,
  offline: false,
  refundId: '5030',
  channel: 'ORIGINAL',
  receivedAccount: null,
  acceptedAt: null,
  gateway: null,
  predecessor: null,
  stalledSince: null,
  trouble: null,
  createdAt: at,
  appliedAt: at,
  succeededAt: at,
};

const parsed = (change: Partial<Parameters<typeof eventBody>[0]>): unknown =>
  JSON.parse(eventBody({ type: 'order.paid', at, order, refund: null, late: false, ...change }));

test('an event of an order holds the order as every reader sees it, and nothing else', () => {
  expect(parsed({})).toEqual({
    type: 'order.paid',
    timestamp: at.toISOString(),
    data: { order: JSON.parse(JSON.stringify(readableOrder(order))) as unknown },
  });
});

test('an event of a refund holds the refund as every refund call answers it', () => {
  expect(parsed({ type: 'refund.succeeded', refund })).toHaveProperty('data.refund', {
    refundNo: `${FIRST}@return`,
    orderNo: ORDER_NO,
    mchid: MCHID,
    outTradeNo: FIRST,
    amountFen: 700,
    state: 'succeeded',
    cause: 'late_payment',
    reason: null,
    refundId: '5030',
    channel: 'ORIGINAL',
    receivedAccount: null,
    acceptedAt: null,
    gateway: null,
    offline: false,
    createdAt: at.toISOString(),
    succeededAt: at.toISOString(),
  });
  expect(refundAnswer({ ...refund, succeededAt: null }).succeededAt).toBeNull();
});

test('an event that is late says so', () => {
  expect(parsed({ late: true })).toHaveProperty('data.late', true);
});

test('nothing in it lets anybody pay', () => {
  const body = eventBody({ type: 'order.review', at, order, refund, late: false });

  expect(body).not.toMatch(/weixin|wx-prepay|h5|codeUrl|prepayId|invoke|checkoutUrl/);
});
