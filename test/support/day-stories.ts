import { DAY } from '../../src/base/time.js';
import type { OrderNo } from '../../src/base/ids.js';
import type { BillDate } from '../../src/reconciliation/rules/day.js';
import { openDay } from '../../src/reconciliation/store/day.js';
import { billClock, billDay, nextNoon, NOON_MS, type BillDay } from './bill-day.js';
import { eventsOf } from './history.js';
import type { Saga } from './saga.js';
import type { Story } from './story.js';
import { until } from './until.js';

/** By a clock that has moved on an order with less time would be over. */
export const WEEK = { expiresInSeconds: 604_800 };

/** Paid, and every notify of it is lost, and every query until faults are repaired. */
export async function lostOrder(saga: Saga): Promise<OrderNo> {
  const { orderNo } = await saga.createOrder(WEEK);
  const always = { outTradeNo: orderNo, times: 0 };
  await saga.gateway.fault({ on: 'notify', kind: 'drop', ...always }, { on: 'query', kind: 'http500', ...always });
  await saga.gateway.pay(orderNo);
  return orderNo;
}

/** Paths of a day's reconciliation, by the name of their file. Each moves the sandbox to another day. */
export const dayStories: Readonly<Record<string, Story>> = {
  'day-balanced': (saga) => ended(saga, paidOrder),

  'day-repaired': (saga) =>
    ended(saga, lostOrder, async (day) => {
      await day.when('asked about', ({ waitsFor }) => waitsFor === 'repairs');
      await saga.gateway.repair();
    }),

  /** Its run began hours ago, and its trade bill is not answered for once more. */
  'day-late': (saga) =>
    ended(
      saga,
      async () => {
        await paidOrder(saga);
        await saga.gateway.fault({ on: 'bill', bill: 'trade', kind: 'http500' });
      },
      () => Promise.resolve(),
      new Date(Date.now() - DAY / 4),
    ),

  /** A person asks for the day while its run sleeps until the bill is asked for again. */
  'day-woken': (saga) =>
    ended(
      saga,
      async () => {
        await paidOrder(saga);
        await saga.gateway.fault({ on: 'bill', bill: 'trade', kind: 'creating', times: 0 });
      },
      async (day, date) => {
        await until('its sleep', async () =>
          (await eventsOf(day.workflow)).some((it) => it.timerStartedEventAttributes),
        );
        await saga.gateway.repair();
        await saga.services.reconciliations.wake({ mchid: saga.mchid, date });
      },
    ),

  /** Postgres refuses what a step found, for a while. */
  'day-failing': (saga) =>
    ended(
      saga,
      async () => {
        await paidOrder(saga);
        await saga.services.connection.sql`
          create function refuse_verdict() returns trigger language plpgsql as $$begin raise exception 'no verdict'; end$$`;
        await saga.services.connection.sql`
          create trigger refuse_verdict before update on reconciliations for each row
            when (new.state <> 'waiting') execute function refuse_verdict()`;
      },
      async (day) => {
        await until('the reason', async () => (await day.shown()).stuckReason.includes('day_failing'));
        await saga.services.connection.sql`drop trigger refuse_verdict on reconciliations`;
      },
    ),

  /** Postgres comes back with less than it had. */
  'day-bill-missing': (saga) =>
    ended(saga, lostOrder, async (day, date) => {
      await day.when('asked about', ({ waitsFor }) => waitsFor === 'repairs');
      await saga.services.connection.sql`delete from bills where date = ${date}`;
      await saga.gateway.repair();
    }),
};

async function paidOrder(saga: Saga): Promise<void> {
  const { orderNo } = await saga.createOrder(WEEK);
  await saga.gateway.pay(orderNo);
  await saga.orderWhen(orderNo, ({ state }) => state === 'paid');
}

/** `tell` on a day of its own, then its run from its beginning, `meanwhile`, to its end. */
async function ended(
  saga: Saga,
  tell: (saga: Saga) => Promise<unknown>,
  meanwhile: (day: BillDay, date: BillDate) => Promise<void> = () => Promise.resolve(),
  startedAt = new Date(),
) {
  const { now } = (await saga.control('GET', '/clock')) as { now: string };
  const clock = billClock(new Date(now));
  const { date } = nextNoon(clock.now());
  await clock.moveTo(saga, date, NOON_MS);
  await tell(saga);
  await clock.moveTo(saga, date, NOON_MS + DAY);
  await openDay(saga.services.connection.db, { mchid: saga.mchid, date, askedBy: null, now: startedAt });
  await saga.services.reconciliations.start({ mchid: saga.mchid, date });
  const day = billDay(saga, date);
  await meanwhile(day, date);
  await day.ended();
  return day.workflow;
}
