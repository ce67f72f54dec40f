import fc from 'fast-check';
import { expect, test } from 'vitest';
import { listEvents } from '../../src/shop-events/store/outbox.js';
import { recordExternalRefund } from '../../src/refunds/store/external.js';
import { projectRefund } from '../../src/refunds/store/projection.js';
import { reserveReturn, reserveRefund } from '../../src/refunds/store/reserve.js';
import { claimRefundApply } from '../../src/refunds/store/apply.js';
import type { OrderRecord } from '../../src/orders/rules/record.js';
import type { RefundRecord } from '../../src/refunds/rules/record.js';
import { isReleased, REFUND_STATES } from '../../src/refunds/rules/states.js';
import { fileDatabase } from './database.js';
import { fen, LATER, outTradeNo } from './fixtures.js';
import { moved, paidOrder, refundNo, refundRequest, standing, succeeded } from './refunds.js';
import { runs } from '../support/property-runs.js';

const database = fileDatabase();

/** Anything that may reach one order's refunds, from any process; `n` picks a number that others pick too. */
const deed = fc.oneof(
  fc.record({ kind: fc.constant('shop' as const), n: fc.nat(4), amount: fc.integer({ min: 1, max: 1_300 }) }),
  fc.record({ kind: fc.constant('return' as const) }),
  fc.record({ kind: fc.constant('external' as const), n: fc.nat(2), amount: fc.integer({ min: 1, max: 1_200 }) }),
  fc.record({ kind: fc.constant('taken' as const), n: fc.nat(4), amount: fc.integer({ min: 1, max: 1_200 }) }),
  fc.record({ kind: fc.constant('apply' as const), n: fc.nat(4) }),
  fc.record({ kind: fc.constant('news' as const), n: fc.nat(4), state: fc.constantFrom(...REFUND_STATES) }),
);

type Deed = typeof deed extends fc.Arbitrary<infer T> ? T : never;

async function does(order: OrderRecord, it: Deed): Promise<unknown> {
  const { mchid } = order;
  if (it.kind === 'return') {
    return reserveReturn(database.db, {
      mchid,
      orderNo: order.orderNo,
      outTradeNo: outTradeNo(order),
      cause: 'operator',
      now: LATER,
    });
  }
  const outRefundNo = refundNo(`${order.orderNo}-${String(it.n)}`);
  if (it.kind === 'external') return learn(order, `mp|${String(it.n)}@${order.orderNo}`, it.amount);
  if (it.kind === 'taken') return learn(order, outRefundNo, it.amount);
  if (it.kind === 'shop') {
    const amountFen = fen(it.amount);
    return reserveRefund(database.db, refundRequest(order, { outRefundNo, amountFen, bodyHash: String(it.amount) }));
  }
  if (it.kind === 'apply') return unlessUnknown(claimRefundApply(database.db, { mchid, outRefundNo }, LATER));
  const ended = it.state === 'succeeded' ? LATER.getTime() : null;
  const facts = { state: it.state, refundId: null, succeededAtMs: ended, offline: false, trouble: null };
  return unlessUnknown(projectRefund(database.db, { mchid, outRefundNo, ...facts }, LATER));
}

/** As a refund query by its number says it. */
function learn(order: OrderRecord, number: string, refundFen: number) {
  const { mchid, orderNo } = order;
  const fact = {
    ...{ outRefundNo: number, refundFen: fen(refundFen), totalFen: null, refundId: `50-${number}` },
    ...{ outTradeNo: outTradeNo(order), transactionId: `wx-${orderNo}` },
    status: 'succeeded',
    successAtMs: LATER.getTime(),
  } as const;
  const details = { channel: null, receivedAccount: null, acceptedAtMs: null };
  return recordExternalRefund(database.db, { mchid, orderNo, fact, details, now: LATER });
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
          // Somebody else had used its number.
          if (refund.cause !== 'external' && kept?.cause === 'external') continue;
          expect(kept).toMatchObject({ amountFen: refund.amountFen, cause: refund.cause });
        }
        before = after;
      }
      await expectTold(before);
    }),
    runs(20),
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
  const theirs = before.refunds.filter(({ cause }) => cause === 'external');
  const others = live.filter(({ outRefundNo }) => isThere(theirs, outRefundNo));
  expect(sum(ours) + (isNew ? sum(others) : 0)).toBeLessThanOrEqual(attempt.paidFen);
}

/** Each refund's end was told once. */
async function expectTold(order: OrderRecord): Promise<void> {
  const events = await listEvents(database.db, order);
  for (const { outRefundNo, state, cause } of order.refunds) {
    const ends = events.filter(
      (event) => event.outRefundNo === outRefundNo && /succeeded|rejected|closed/.test(event.type),
    );
    const isOver = state === 'succeeded' || isReleased(state);
    const told = ends.map((event) => event.type);
    if (cause === 'external' && told[0] === 'refund.rejected') told.shift();
    expect(told).toEqual(isOver ? [`refund.${state}`] : []);
  }
}

/** Refunds that somebody makes at WeChat Pay, and how PaySaga learns of them; beside them its own return, whenever it is sent. */
const elsewhere = fc.record({
  kind: fc.constant('elsewhere' as const),
  amount: fc.integer({ min: 1, max: 1_200 }),
  learnt: fc.constantFrom('notify' as const, 'number' as const, 'never' as const),
});
const happening = fc.oneof(
  elsewhere,
  elsewhere,
  fc.record({ kind: fc.constantFrom('return' as const, 'send' as const, 'enter' as const) }),
);

/** One payment at WeChat Pay, which takes no refund beyond it, whoever asks. */
function startWechat(paidFen: number) {
  const taken = new Map<string, number>();
  const backFen = (): number => [...taken.values()].reduce((sum, amount) => sum + amount, 0);
  const take = (number: string, amountFen: number): boolean => {
    const fits = backFen() + amountFen <= paidFen;
    if (fits) taken.set(number, amountFen);
    return fits;
  };
  return { taken, backFen, take };
}

test('with refunds that others make, in any order, all of a payment goes back, and the books agree once all is known', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { maxLength: 10 }), async (happenings) => {
      const order = await paidOrder(database);
      const { mchid } = order;
      const wechat = startWechat(order.paidFen);
      const unknown = new Map<string, number>();
      const giveBack = () =>
        reserveReturn(database.db, {
          ...{ mchid, orderNo: order.orderNo, outTradeNo: outTradeNo(order), now: LATER },
          cause: 'fulfilment_rejected',
        });
      const enter = async (): Promise<void> => {
        for (const [number, amount] of unknown) await learn(order, number, amount);
        unknown.clear();
      };
      /** All of PaySaga's own that wait, and what takes their place. */
      const send = async (): Promise<void> => {
        const isWaiting = ({ state }: RefundRecord): boolean => state === 'requested';
        for (let next = (await standing(database.db, order)).refunds.find(isWaiting); next !== undefined;) {
          const isTaken = wechat.take(next.outRefundNo, next.amountFen);
          await moved(
            database.db,
            next,
            isTaken ? { ...succeeded(), refundId: `50-${next.outRefundNo}` } : { state: 'rejected' },
          );
          next = (await standing(database.db, order)).refunds.find(isWaiting);
        }
      };
      for (const [index, it] of happenings.entries()) {
        if (it.kind === 'return') await giveBack();
        if (it.kind === 'send') await send();
        if (it.kind === 'enter') await enter();
        if (it.kind !== 'elsewhere') continue;
        const number = `mp|${String(index)}@${order.orderNo}`;
        if (!wechat.take(number, it.amount)) continue;
        if (it.learnt === 'notify') await learn(order, number, it.amount);
        if (it.learnt === 'number') unknown.set(number, it.amount);
      }
      await giveBack();
      await send();
      await enter();
      await send();
      const { refunds, refundedFen, refundingFen } = await booksOf(order);
      const known = new Map(
        refunds.filter(({ state }) => state === 'succeeded').map((it) => [it.outRefundNo, it.amountFen]),
      );
      for (const [number, amount] of known) expect(wechat.taken.get(number)).toBe(amount);
      expect(refundingFen).toBe(0);
      expect(refundedFen).toBeLessThanOrEqual(order.paidFen);
      if (known.size < wechat.taken.size) return;
      expect([refundedFen, wechat.backFen()]).toEqual([order.paidFen, order.paidFen]);
    }),
    runs(20),
  );
});

async function booksOf(order: OrderRecord) {
  const { refunds, attempts } = await standing(database.db, order);
  const [{ refundedFen, refundingFen } = { refundedFen: NaN, refundingFen: NaN }] = attempts;
  return { refunds, refundedFen, refundingFen };
}
