import fc from 'fast-check';
import { expect, test } from 'vitest';
import { listEvents } from '../../src/db/merchant-event.js';
import {
  claimRefundApply,
  projectRefund,
  recordExternalRefund,
  reserveRefund,
  reserveReturn,
} from '../../src/db/refund.js';
import type { OrderRecord } from '../../src/domain/order/record.js';
import { isReleased, REFUND_STATES } from '../../src/domain/refund/states.js';
import { fileDatabase } from './database.js';
import { fen, LATER, outTradeNo } from './fixtures.js';
import { paidOrder, refundNo, refundRequest, standing } from './refunds.js';

const database = fileDatabase();

/** Anything that may reach one order's refunds, from any process; `n` picks a number that others pick too. */
const deed = fc.oneof(
  fc.record({ kind: fc.constant('shop' as const), n: fc.nat(4), amount: fc.integer({ min: 1, max: 1_300 }) }),
  fc.record({ kind: fc.constant('return' as const) }),
  fc.record({ kind: fc.constant('external' as const), n: fc.nat(2), amount: fc.integer({ min: 1, max: 1_200 }) }),
  fc.record({ kind: fc.constant('apply' as const), n: fc.nat(4) }),
  fc.record({ kind: fc.constant('news' as const), n: fc.nat(4), state: fc.constantFrom(...REFUND_STATES) }),
);

type Deed = typeof deed extends fc.Arbitrary<infer T> ? T : never;

async function does(order: OrderRecord, it: Deed): Promise<unknown> {
  const { mchid } = order;
  if (it.kind === 'return') {
    return reserveReturn(database.db, { mchid, outTradeNo: outTradeNo(order), cause: 'operator', now: LATER });
  }
  const outRefundNo = refundNo(`${order.orderNo}-${String(it.n)}`);
  if (it.kind === 'external') {
    const refund = { outRefundNo: `mp|${String(it.n)}@${order.orderNo}`, refundFen: fen(it.amount), totalFen: null };
    const of = {
      outTradeNo: outTradeNo(order),
      transactionId: `wx-${order.orderNo}`,
      refundId: `50-${String(it.n)}-${order.orderNo}`,
    };
    const fact = { ...refund, ...of, status: 'succeeded', successAtMs: LATER.getTime() } as const;
    const details = { channel: null, receivedAccount: null, acceptedAtMs: null };
    return recordExternalRefund(database.db, { mchid, orderNo: order.orderNo, fact, details, now: LATER });
  }
  if (it.kind === 'shop') {
    const amountFen = fen(it.amount);
    return reserveRefund(database.db, refundRequest(order, { outRefundNo, amountFen, bodyHash: String(it.amount) }));
  }
  if (it.kind === 'apply') return unlessUnknown(claimRefundApply(database.db, { mchid, outRefundNo }, LATER));
  const ended = it.state === 'succeeded' ? LATER.getTime() : null;
  const facts = { state: it.state, refundId: null, succeededAtMs: ended, offline: false, trouble: null };
  return unlessUnknown(projectRefund(database.db, { mchid, outRefundNo, ...facts }, LATER));
}

/** Nobody reserved it yet: the only thing that may go wrong. */
const unlessUnknown = (work: Promise<unknown>): Promise<unknown> =>
  work.catch((error: unknown) => expect(String(error)).toMatch(/never reserved/));

test('whatever is asked for and whatever comes of it, all at once, PaySaga gives back no more than others left', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(deed, { minLength: 1, maxLength: 10 }), { maxLength: 4 }), async (rounds) => {
      const order = await paidOrder(database);
      let before = order;
      for (const round of rounds) {
        await Promise.all(round.map((it) => does(order, it)));
        const after = await standing(database.db, order);
        expectBooks(before, after);
        expect(after.version).toBeGreaterThanOrEqual(before.version);
        for (const refund of before.refunds) {
          const kept = after.refunds.find((it) => it.outRefundNo === refund.outRefundNo);
          expect(kept).toMatchObject({ amountFen: refund.amountFen, cause: refund.cause });
        }
        before = after;
      }
      await expectTold(before);
    }),
    { numRuns: 60 },
  );
});

/** What somebody else gave back is a fact and may pass what was paid; whatever is asked for after it is not. */
function expectBooks(before: OrderRecord, order: OrderRecord): void {
  const [attempt] = order.attempts;
  if (attempt === undefined) throw new Error('an order has an attempt');
  const sum = (refunds: OrderRecord['refunds']) => refunds.reduce((total, refund) => total + refund.amountFen, 0);
  const back = order.refunds.filter((refund) => refund.state === 'succeeded');
  const held = order.refunds.filter((refund) => refund.state !== 'succeeded' && !isReleased(refund.state));
  expect(attempt).toMatchObject({ refundedFen: sum(back), refundingFen: sum(held) });
  const live = [...back, ...held];
  const ours = live.filter(({ cause }) => cause !== 'external');
  const isThere = (all: OrderRecord['refunds'], number: string) => all.some((it) => it.outRefundNo === number);
  const isNew = ours.some(({ outRefundNo }) => !isThere(before.refunds, outRefundNo));
  const others = live.filter(({ cause, outRefundNo }) => cause === 'external' && isThere(before.refunds, outRefundNo));
  expect(sum(ours) + (isNew ? sum(others) : 0)).toBeLessThanOrEqual(attempt.paidFen);
}

/** Each refund's end was told once. */
async function expectTold(order: OrderRecord): Promise<void> {
  const events = await listEvents(database.db, order);
  for (const { outRefundNo, state } of order.refunds) {
    const ends = events.filter(
      (event) => event.outRefundNo === outRefundNo && /succeeded|rejected|closed/.test(event.type),
    );
    const isOver = state === 'succeeded' || isReleased(state);
    expect(ends.map((event) => event.type)).toEqual(isOver ? [`refund.${state}`] : []);
  }
}
