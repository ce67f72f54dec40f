import { describe, expect, test } from 'vitest';
import { recordExternalRefund } from '../../src/refunds/store/external.js';
import { reserveReturn, reserveRefund } from '../../src/refunds/store/reserve.js';
import { loadOrder } from '../../src/orders/store/order.js';
import type { RefundFact } from '../../src/orders/rules/gateway-answer.js';
import type { OrderRecord } from '../../src/orders/rules/record.js';
import { parseFen } from '../../src/base/money.js';
import { parseRefundNo } from '../../src/base/ids.js';
import { projectOrder } from '../../src/orders/store/projection.js';
import { fileDatabase } from './database.js';
import { LATER, MCHID, outTradeNo, paid } from './fixtures.js';
import { BY_SHOP } from './refunds.js';

const database = fileDatabase();

const must = <T>(result: { ok: true; value: T } | { ok: false; error: string }): T => {
  if (!result.ok) throw new Error(result.error);
  return result.value;
};

async function paidOrder(): Promise<OrderRecord> {
  const order = await database.place();
  return (await projectOrder(database.db, paid(order), LATER)).record;
}

const factOf = (order: OrderRecord, outRefundNo: string, refundFen: number): RefundFact => ({
  refundId: `5030-${outRefundNo}`,
  outRefundNo,
  outTradeNo: outTradeNo(order),
  transactionId: `wx-${order.orderNo}`,
  status: 'succeeded',
  refundFen: must(parseFen(refundFen)),
  totalFen: order.amountFen,
  successAtMs: LATER.getTime(),
});

const DETAILS = { channel: 'ORIGINAL', receivedAccount: '招商银行信用卡0403', acceptedAtMs: LATER.getTime() - 1_000 };

const record = (order: OrderRecord, outRefundNo: string, refundFen: number) =>
  recordExternalRefund(database.db, {
    mchid: MCHID,
    orderNo: order.orderNo,
    fact: factOf(order, outRefundNo, refundFen),
    details: DETAILS,
    now: LATER,
  });

const shop = (order: OrderRecord, refundNo: string, amountFen: number) =>
  reserveRefund(database.db, {
    ...{ mchid: MCHID, orderNo: order.orderNo, outRefundNo: must(parseRefundNo(refundNo)) },
    ...{ amountFen: must(parseFen(amountFen)), reason: null, source: null, bodyHash: refundNo, now: LATER, ...BY_SHOP },
  });

const attemptOf = async (order: OrderRecord) => (await loadOrder(database.db, order))?.attempts[0];

describe("somebody else's refund", () => {
  test('is never refused, also where it and ours pass what was paid', async () => {
    const order = await paidOrder();
    const all = order.amountFen;
    expect(
      await reserveReturn(database.db, {
        mchid: MCHID,
        orderNo: order.orderNo,
        outTradeNo: outTradeNo(order),
        cause: 'operator',
        now: LATER,
      }),
    ).toMatchObject({ kind: 'reserved' });
    expect(await record(order, `mp|${order.orderNo}@1`, all)).toMatchObject({
      kind: 'recorded',
      refund: { cause: 'external', state: 'succeeded' },
    });
    expect(await attemptOf(order)).toMatchObject({ refundingFen: all, refundedFen: all });
    expect(await shop(order, `R-${order.orderNo}`, 1)).toBe('refund_exceeds_paid');
  });

  test('told a hundred times at once is one', async () => {
    const order = await paidOrder();
    const told = await Promise.all(Array.from({ length: 30 }, () => record(order, `mp-${order.orderNo}`, 1)));
    expect(new Set(told.map(({ kind }) => kind))).toEqual(new Set(['recorded']));
    expect(await attemptOf(order)).toMatchObject({ refundedFen: 1 });
  });

  test('and those of the shop, from many connections at once, never let the shop overdraw', async () => {
    const order = await paidOrder();
    const part = Math.floor(order.amountFen / 10);
    const asked = Array.from({ length: 12 }, (_, index) => index);
    await Promise.all([
      ...asked.map((index) => shop(order, `S${index}-${order.orderNo}`, part)),
      ...asked.slice(0, 4).map((index) => record(order, `mp${index}-${order.orderNo}`, part)),
    ]);
    const loaded = await loadOrder(database.db, order);
    const sumOf = (cause: string) => (loaded?.refunds ?? []).filter((it) => it.cause === cause).length * part;
    expect(sumOf('external')).toBe(4 * part);
    // Whoever of the shop's came after the last external one met the guard; before it, the money was still there.
    expect(sumOf('shop')).toBeLessThanOrEqual(order.amountFen);
    expect(await shop(order, `L-${order.orderNo}`, order.amountFen)).toBe('refund_exceeds_paid');
  });

  test('is held against by SQL itself, whoever forgets to look', async () => {
    const order = await paidOrder();
    await record(order, `mp-${order.orderNo}`, order.amountFen);
    const insert = database.connection.sql`
      insert into refunds (mchid, out_refund_no, order_no, out_trade_no, amount_fen, total_fen, cause, body_hash, created_at)
      values (${MCHID}, ${`X-${order.orderNo}`}, ${order.orderNo}, ${outTradeNo(order)}, 1, ${order.amountFen}, 'shop', 'h', now())`;
    await expect(insert).rejects.toMatchObject({ constraint_name: 'attempts_refunds_within_paid' });
  });

  test("under a number like PaySaga's own leaves the next one to it", async () => {
    const order = await paidOrder();
    await record(order, `${outTradeNo(order)}@return`, order.amountFen - 1);
    const request = {
      mchid: MCHID,
      orderNo: order.orderNo,
      outTradeNo: outTradeNo(order),
      cause: 'operator',
      now: LATER,
    } as const;
    const reserved = await reserveReturn(database.db, request);
    expect(reserved).toMatchObject({
      kind: 'reserved',
      refund: { outRefundNo: `${outTradeNo(order)}@return*2`, amountFen: 1 },
    });
    expect(await reserveReturn(database.db, request)).toEqual(reserved);
  });
});
