import fc from 'fast-check';
import { expect, test } from 'vitest';
import { projectOrder } from '../../src/orders/store/projection.js';
import {
  ATTEMPT_STATES,
  ATTEMPT_TRANSITIONS,
  CLOSED_REASONS,
  ENDINGS,
  FULFILMENT_STATES,
  FULFILMENT_TRANSITIONS,
  ORDER_STATES,
  ORDER_TRANSITIONS,
  REVIEW_REASONS,
  isWaiting,
  STUCK_REASONS,
} from '../../src/orders/rules/states.js';
import { loadOrder } from '../../src/orders/store/order.js';
import type { AttemptProjection, OrderProjection } from '../../src/orders/rules/projection.js';
import type { OrderRecord } from '../../src/orders/rules/record.js';
import { readableOrder } from '../../src/orders/rules/view.js';
import { fileDatabase } from './database.js';
import { fen, LATER, projectionOf } from './fixtures.js';
import { runs } from '../support/property-runs.js';

const database = fileDatabase();

/** Whatever a workflow could believe, as long as it does not contradict itself. */
const belief = fc.record({
  state: fc.constantFrom(...ORDER_STATES),
  closedReason: fc.constantFrom(...CLOSED_REASONS),
  reviewReason: fc.constantFrom(...REVIEW_REASONS),
  ending: fc.option(fc.constantFrom(...ENDINGS)),
  stuckReason: fc.option(fc.constantFrom(...STUCK_REASONS)),
  attempt: fc.constantFrom(...ATTEMPT_STATES),
  transaction: fc.constantFrom('a', 'b'),
  money: fc.constantFrom(1_200, 1_300),
  fulfilment: fc.constantFrom(...FULFILMENT_STATES),
});

type Belief = typeof belief extends fc.Arbitrary<infer T> ? T : never;

function projection(record: OrderRecord, it: Belief): OrderProjection {
  const isPaid = it.state === 'paid';
  const succeeded = isPaid || it.attempt === 'succeeded';
  const attempts = projectionOf(record).attempts.map((attempt): AttemptProjection => ({
    ...attempt,
    state: succeeded ? 'succeeded' : it.attempt,
    transactionId: succeeded ? `${record.orderNo}-${it.transaction}` : null,
    paidFen: fen(succeeded ? it.money : 0),
    paidAtMs: succeeded ? LATER.getTime() : null,
  }));
  return projectionOf(record, {
    state: it.state,
    closedReason: it.state === 'closed' ? it.closedReason : null,
    closedAtMs: it.state === 'closed' ? LATER.getTime() : null,
    reviewReason: it.state === 'review' ? it.reviewReason : null,
    ending: isPaid || it.state === 'closed' ? null : it.ending,
    stuckReason: it.stuckReason,
    fulfilment: isPaid ? it.fulfilment : 'none',
    paidAttempt: isPaid ? (record.attempts[0]?.outTradeNo ?? null) : null,
    paidFen: fen(isPaid ? it.money : 0),
    paidAtMs: isPaid ? LATER.getTime() : null,
    attempts,
  });
}

test('whatever is projected, in whatever order, an order moves only as the domain allows', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(belief, { minLength: 1, maxLength: 12 }), async (beliefs) => {
      const placed = await database.place();
      let before = placed;
      for (const it of beliefs) {
        const { applied, record: after } = await projectOrder(database.db, projection(placed, it), LATER);
        expect(await loadOrder(database.db, placed)).toEqual(after);
        if (!applied) expect(after).toEqual(before);
        expectLegal(before, after);
        before = after;
      }
    }),
    runs(20),
  );
});

function expectLegal(before: OrderRecord, after: OrderRecord): void {
  if (after.state !== before.state) expect(ORDER_TRANSITIONS[before.state]).toContain(after.state);
  if (before.ending !== null && isWaiting(after.state)) expect(after.ending).toBe(before.ending);
  const [was] = before.attempts;
  const [is] = after.attempts;
  if (was === undefined || is === undefined) throw new Error('an order has an attempt');
  if (is.state !== was.state) expect(ATTEMPT_TRANSITIONS[was.state]).toContain(is.state);
  if (was.state === 'succeeded') expect(moneyOf(is)).toEqual(moneyOf(was));
  if (before.state === 'paid') expect(moneyOfOrder(after)).toEqual(moneyOfOrder(before));
  if (after.state === 'paid') expect(after.paidFen).toBe(is.paidFen);
  if (after.fulfilment !== before.fulfilment) {
    expect(FULFILMENT_TRANSITIONS[before.fulfilment]).toContain(after.fulfilment);
  }
  const seen = (record: OrderRecord) => JSON.stringify({ ...readableOrder(record), version: 0 });
  expect(after.version - before.version).toBe(seen(before) === seen(after) ? 0 : 1);
}

const moneyOf = ({ transactionId, paidFen }: OrderRecord['attempts'][number]) => ({ transactionId, paidFen });
const moneyOfOrder = ({ paidAttempt, paidFen, paidAt }: OrderRecord) => ({
  paidAttempt,
  paidFen,
  paidAt,
});
