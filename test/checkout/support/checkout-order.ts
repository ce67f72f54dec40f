import { recordPrepayOpened } from '../../../src/orders/store/prepay.js';
import { reserveNextAttempt, nthOutTradeNo } from '../../../src/orders/store/attempt.js';
import type { Db } from '../../../src/db/connection.js';
import { insertOrder, loadOrder, type NewOrder } from '../../../src/orders/store/order.js';
import { projectOrder } from '../../../src/orders/store/projection.js';
import { projectRefund } from '../../../src/refunds/store/projection.js';
import { reserveReturn, reserveRefund } from '../../../src/refunds/store/reserve.js';
import { parseMchid, parseOrderNo, parseOutRefundNo, type OutRefundNo } from '../../../src/base/ids.js';
import { queriedTrade } from '../../support/queried-trade.js';
import { parseFen, type Fen } from '../../../src/base/money.js';
import type { AttemptProjection, OrderProjection } from '../../../src/orders/rules/projection.js';
import type { OrderRecord } from '../../../src/orders/rules/record.js';
import type { RefundStateName } from '../../../src/refunds/rules/states.js';
import { DEFAULT_POLICY } from '../../../src/orders/rules/policy.js';
import { codeLifeMs } from '../../../src/orders/rules/product.js';
import { BY_SHOP } from '../../db/refunds.js';
import type { Result } from '../../../src/base/result.js';

export function value<T>(result: Result<T, unknown>): T {
  if (!result.ok) throw new Error('A fixture is not valid');
  return result.value;
}

export const MCHID = value(parseMchid('1900000109'));
export const orderNoFrom = (text: string) => value(parseOrderNo(text));
export const fen = (amount: number): Fen => value(parseFen(amount));

let lastNumber = 0;

/** A fresh order, in Postgres, of which WeChat Pay does not know yet. */
export async function placeOrder(db: Db, changed: Partial<NewOrder> = {}): Promise<OrderRecord> {
  lastNumber += 1;
  const { record } = await insertOrder(db, {
    mchid: MCHID,
    orderNo: orderNoFrom(`shop-${lastNumber}-${process.pid}`),
    bodyHash: 'hash',
    amountFen: fen(1200),
    description: 'Tea & cake <for two>',
    attach: 'attach-secret',
    metadata: { note: 'metadata-secret' },
    policy: DEFAULT_POLICY,
    expiresInSeconds: 900,
    createdAt: new Date(),
    product: 'native',
    appid: 'wx0000000000000001',
    openid: null,
    clientIp: null,
    h5Type: null,
    ...changed,
  });
  return record;
}

/** What a prepay of one of this order's numbers, the first, handed out. */
export async function openCode(
  db: Db,
  order: OrderRecord,
  code: { codeUrl?: string; h5Url?: string; prepayId?: string; expiresAt?: Date },
  number = 1,
): Promise<OrderRecord> {
  const product = order.attempts[0]?.product ?? 'native';
  await recordPrepayOpened(db, {
    mchid: order.mchid,
    orderNo: order.orderNo,
    outTradeNo: nthOutTradeNo(order.orderNo, number),
    codes: { codeUrl: code.codeUrl ?? null, h5Url: code.h5Url ?? null, prepayId: code.prepayId ?? null },
    codeExpiresAt: code.expiresAt ?? new Date(order.createdAt.getTime() + codeLifeMs(product)),
    now: new Date(),
  });
  return reload(db, order);
}

/** Nobody can pay the number any more: it is given up, and the next one reserved. */
export async function changeNumber(
  db: Db,
  order: OrderRecord,
  gaveUp: Pick<AttemptProjection, 'state' | 'foreign'>,
): Promise<OrderRecord> {
  await project(db, order, {}, gaveUp);
  await reserveNextAttempt(db, order, nthOutTradeNo(order.orderNo, order.attempts.length));
  return reload(db, order);
}

export async function reload(db: Db, order: OrderRecord): Promise<OrderRecord> {
  const record = await loadOrder(db, order);
  if (record === undefined) throw new Error('The order is gone');
  return record;
}

/** The order's workflow writes this. */
export async function project(
  db: Db,
  order: OrderRecord,
  changed: Partial<OrderProjection>,
  attempt: Partial<AttemptProjection> = {},
): Promise<void> {
  const { applied } = await projectOrder(
    db,
    {
      mchid: order.mchid,
      orderNo: order.orderNo,
      state: order.state,
      closedReason: null,
      reviewReason: null,
      ending: null,
      stuckReason: null,
      expiresAtMs: order.expiresAt.getTime(),
      paidAttempt: null,
      paidFen: fen(0),
      paidAtMs: null,
      foundBy: null,
      closedAtMs: null,
      fulfilment: order.fulfilment,
      dueAtMs: null,
      attempts: order.attempts.map(({ outTradeNo, state }) => {
        return {
          outTradeNo,
          state,
          transactionId: null,
          paidFen: fen(0),
          paidAtMs: null,
          prepayUnknown: false,
          foreign: false,
          ...attempt,
        };
      }),
      ...changed,
    },
    new Date(),
  );
  if (!applied) throw new Error('The row refused this projection');
}

/** A payer with a coupon pays all of it: 2 yuan less leave the purse. */
export async function payOrder(db: Db, order: OrderRecord, paidAt = new Date()): Promise<void> {
  const outTradeNo = nthOutTradeNo(order.orderNo, 1);
  const payerAmount = order.amountFen - 200;
  await queriedTrade(
    db,
    order,
    { payer: null, tradeType: 'NATIVE', payerCurrency: 'CNY', payerAmount, coupons: [], couponsLeftOut: 0 },
    paidAt,
  );
  await project(
    db,
    order,
    {
      state: 'paid',
      paidAttempt: outTradeNo,
      paidFen: order.amountFen,
      paidAtMs: paidAt.getTime(),
    },
    { state: 'succeeded', transactionId: `42${order.orderNo}`, paidFen: order.amountFen },
  );
}

/** The shop gives some of a paid order's money back; answers the refund's number. */
export async function refundOrder(db: Db, { mchid, orderNo }: OrderRecord, amountFen: number): Promise<OutRefundNo> {
  lastNumber += 1;
  const reserved = await reserveRefund(db, {
    mchid,
    orderNo,
    outRefundNo: value(parseOutRefundNo(`refund-${lastNumber}-${process.pid}`)),
    amountFen: fen(amountFen),
    reason: null,
    source: null,
    bodyHash: 'hash',
    now: new Date(),
    ...BY_SHOP,
  });
  if (typeof reserved === 'string' || 'approval' in reserved) throw new Error('The refund was refused');
  return reserved.refund.outRefundNo;
}

/** PaySaga gives back what came to a closed order; answers the refund's number. */
export async function returnOrder(db: Db, { mchid, orderNo }: OrderRecord): Promise<OutRefundNo> {
  const payment = { mchid, orderNo, outTradeNo: nthOutTradeNo(orderNo, 1) };
  const request = { ...payment, cause: 'late_payment', now: new Date() } as const;
  const reserved = await reserveReturn(db, request);
  if (reserved.kind !== 'reserved') throw new Error(`Nothing is returned: ${reserved.kind}`);
  return reserved.refund.outRefundNo;
}

/** The refund's workflow writes this. */
export async function moveRefund(db: Db, outRefundNo: OutRefundNo, state: RefundStateName): Promise<void> {
  const succeededAtMs = state === 'succeeded' ? Date.now() : null;
  const facts = { refundId: null, succeededAtMs, offline: false, trouble: null };
  const { applied } = await projectRefund(db, { mchid: MCHID, outRefundNo, state, ...facts }, new Date());
  if (!applied) throw new Error('The row refused this projection');
}

/** Closed, and then paid all the same. */
export async function payLate(db: Db, order: OrderRecord): Promise<void> {
  const closed = { state: 'closed', closedReason: 'expired', closedAtMs: Date.now() } as const;
  await project(db, order, closed, { state: 'closed' });
  const money = { transactionId: `42${order.orderNo}`, paidFen: order.amountFen, paidAtMs: Date.now() };
  await project(db, order, closed, { state: 'succeeded', ...money });
}
