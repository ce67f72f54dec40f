import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { firstOutTradeNo } from '../../src/base/ids.js';
import { nextPollMs, paceOf, pollDelayMs } from '../../src/orders/rules/schedules.js';
import { eventsOf } from '../support/history.js';
import { skippingServer, startTimeSkippingSaga, type TimeSkippingSaga } from '../support/time-skipping-saga.js';

const HOUR = 3_600;
const SIX_DAYS = 6 * 24 * HOUR;

/** An activity's clock here may lag behind by one poll, so that each longer step comes one poll later. */
function expectPolls(polls: number, seconds: number, pace: number): void {
  expect(polls).toBeGreaterThanOrEqual(pollsUntil(seconds, pace, 0) - 1);
  expect(polls).toBeLessThanOrEqual(pollsUntil(seconds, pace, 1));
}

function pollsUntil(seconds: number, pace: number, lag: 0 | 1): number {
  const polls = [nextPollMs(0, 0, pace)];
  for (let last = polls.at(-1) ?? 0; last <= seconds * 1_000; last = polls.at(-1) ?? 0) {
    polls.push(last + pollDelayMs(polls.at(-1 - lag) ?? last, pace));
  }
  return polls.length - 1;
}

describe.skipIf(skippingServer === undefined)('an order of six days', () => {
  let saga: TimeSkippingSaga;
  beforeAll(async () => {
    saga = await startTimeSkippingSaga();
  });
  afterAll(() => saga.stop());

  it('is polled by the schedule, closed at its deadline, and its history stays short', async () => {
    const { orderNo, status } = await saga.createOrder({ expiresInSeconds: SIX_DAYS });
    expect(status).toBe(201);
    await saga.pass(2 * HOUR);
    const inTwoHours = await saga.gateway.calls('query');
    // 60 s, then 30 s, 1, 3, 5 and 10 min later, then every 10 min, all at the order's own pace.
    const pace = paceOf(firstOutTradeNo(orderNo));
    expectPolls(inTwoHours, 2 * HOUR, pace);
    expect((await eventsOf(saga.workflow(orderNo))).length).toBeLessThan(25);

    await saga.pass(SIX_DAYS - 2 * HOUR - 60);
    const untilTheDeadline = await saga.gateway.calls('query');
    // Every 30 min from then on.
    expectPolls(untilTheDeadline, SIX_DAYS - 60, pace);
    expect(await saga.order(orderNo)).toMatchObject({ state: 'awaitingPayment', stuckReason: null });

    await saga.pass(120);
    const order = await saga.orderWhen(orderNo, ({ state }) => state === 'closed');
    expect(order).toMatchObject({ closedReason: 'expired', attempts: [{ state: 'closed' }] });
    expect((await eventsOf(saga.workflow(orderNo))).length).toBeLessThan(45);
  });
});
