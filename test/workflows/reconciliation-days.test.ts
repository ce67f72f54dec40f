import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OrderNo } from '../../src/base/ids.js';
import { daysAfter, startOf, type BillDate } from '../../src/reconciliation/rules/day.js';
import { BELIEVED_MS, billDay, nextNoon, READY_MS, sweepAt } from '../support/bill-day.js';
import { skippingServer, startTimeSkippingSaga, type TimeSkippingSaga } from '../support/time-skipping-saga.js';

const HOUR = 3_600;
const EVENING_MS = 18 * HOUR * 1_000;
/** Orders are placed by a clock that stands still. */
const WEEK = { expiresInSeconds: 604_800 };
const BILL = { on: 'bill', times: 0 } as const;

describe.skipIf(skippingServer === undefined)('a day of bills', () => {
  let saga: TimeSkippingSaga;
  let date: BillDate;
  let now: () => Date;
  beforeAll(async () => {
    saga = await startTimeSkippingSaga();
    const { date: today } = nextNoon(new Date(await saga.nowMs()));
    date = daysAfter(today, -1);
    // Days are swept from that of the first order on, which may be one before those of the tests.
    await saga.createOrder();
    await passTo(today, BELIEVED_MS);
    await sweepAt(saga, now);
    const before = billDay(saga, date);
    if ((await before.load()) !== undefined) await before.ended();
  });
  afterAll(() => saga.stop());

  async function passTo(day: BillDate, afterMs: number): Promise<void> {
    const ms = startOf(day).getTime() + afterMs;
    await saga.pass(Math.ceil((ms - (await saga.nowMs())) / 1_000));
    const offsetMs = (await saga.nowMs()) - Date.now();
    now = () => new Date(Date.now() + offsetMs);
  }

  /** The evening of a day that no other test has: the one before was over in the afternoon. */
  async function nextDay() {
    date = daysAfter(date, 1);
    await passTo(date, EVENING_MS);
    return billDay(saga, date);
  }

  /** 10:06 of the day after, and the sweeper finds it. */
  async function begin(): Promise<void> {
    await passTo(daysAfter(date, 1), READY_MS);
    await sweepAt(saga, now);
  }

  async function paidOrder(): Promise<OrderNo> {
    const { orderNo } = await saga.createOrder(WEEK);
    await saga.gateway.pay(orderNo);
    await saga.orderWhen(orderNo, ({ state }) => state === 'paid');
    return orderNo;
  }

  it('waits for its trade bill, shows that it is late after three hours, and shows no more once it is there', async () => {
    const day = await nextDay();
    await paidOrder();
    await saga.gateway.fault({ ...BILL, bill: 'trade', kind: 'creating' });
    await begin();
    const begun = await day.when('waiting', ({ waitsFor }) => waitsFor === 'trade_bill');
    await saga.pass(2 * HOUR);
    const waiting = await day.when('waiting longer', ({ nextAt }) => (nextAt ?? 0) > (begun.nextAt ?? 0));
    expect(waiting.waitingSince).toEqual(begun.waitingSince);
    expect(await day.shown()).toMatchObject({ stuckReason: [] });
    // An activity's clock here may lag behind by one try.
    await saga.pass(2 * HOUR);
    const { card, stuckReason } = await day.shown();
    expect(stuckReason).toEqual(['bill_late']);
    expect(card).toContain('more than three hours');
    expect(card).toContain('WeChat Pay');
    expect(await saga.gateway.calls('bill')).toBeLessThan(14);
    await saga.gateway.repair();
    await saga.pass(31 * 60);
    expect(await day.ended()).toMatchObject({ state: 'balanced', waitsFor: null });
    expect(await day.shown()).toMatchObject({ stuckReason: [] });
  });

  it('without a bill is believed from noon on, and differs where money came in', async () => {
    const day = await nextDay();
    await paidOrder();
    await saga.gateway.fault({ ...BILL, kind: 'error', status: 400, code: 'NO_STATEMENT_EXIST', effect: false });
    await begin();
    await day.when('waiting', ({ waitsFor }) => waitsFor === 'trade_bill');
    await saga.pass(HOUR);
    expect(await day.load()).toMatchObject({ state: 'waiting', bills: [] });
    await saga.pass(2 * HOUR);
    expect(await day.ended()).toMatchObject({
      state: 'differs',
      bills: [{ state: 'none' }, { state: 'none' }],
      open: [],
    });
    expect((await day.shown()).card).toContain('no bill of this day');
    await saga.gateway.repair();
  });
});
