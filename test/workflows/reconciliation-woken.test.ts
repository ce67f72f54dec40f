import { expect, it } from 'vitest';
import { daysAfter } from '../../src/reconciliation/rules/day.js';
import { runDay } from '../../src/reconciliation/use-cases/run.js';
import { BELIEVED_MS, billClock, billDay, nextNoon, NOON_MS, READY_MS, runBillDay } from '../support/bill-day.js';
import { useSaga } from '../support/saga.js';
import { until } from '../support/until.js';

const clock = billClock();
const saga = useSaga({ merchants: 4, activityNow: clock.now });
const { date } = nextNoon(new Date());
const WEEK = { expiresInSeconds: 604_800 };

const shopOf = (n: number) => {
  const shop = saga.shops[n];
  if (shop === undefined) throw new Error('a merchant');
  return shop;
};

/** As a person asks for the day. */
const asked = (n: number) =>
  runDay(
    { ...saga.services, db: saga.services.connection.db, now: clock.now, merchants: { of: () => ({}) } },
    { mchid: shopOf(n).mchid, date, askedBy: 'Op' },
  );

const calls = (n: number) => shopOf(n).gateway.calls('bill');

it('a run that sleeps until its bill, or until orders have asked, goes on when somebody asks for the day', async () => {
  await clock.moveTo(saga, date, NOON_MS);
  const { gateway } = shopOf(0);
  const { orderNo } = await saga.createOrder(WEEK, shopOf(0));
  const always = { outTradeNo: orderNo, times: 0 };
  await gateway.fault({ on: 'notify', kind: 'drop', ...always }, { on: 'query', kind: 'http500', ...always });
  await gateway.pay(orderNo);
  await clock.moveTo(saga, daysAfter(date, 1), READY_MS);
  await gateway.fault({ on: 'bill', bill: 'trade', kind: 'creating', times: 0 });
  await runBillDay(saga, date, clock.now(), shopOf(0).mchid);
  const day = billDay(saga, date, shopOf(0).mchid);
  const waiting = await day.when('asleep', ({ waitsFor }) => waitsFor === 'trade_bill');

  // By its own timer, and then by the next try of an activity.
  for (const times of [1, 2]) {
    const before = await calls(0);
    expect((await asked(0)).isNew).toBe(false);
    await until('another call', async () => (await calls(0)) > before);
    await day.when('asleep again', ({ nextAt }) => (nextAt ?? 0) > (waiting.nextAt ?? 0));
    expect([times, (await day.load())?.run]).toEqual([times, 1]);
  }

  await gateway.repair();
  await gateway.fault({ on: 'query', kind: 'http500', ...always });
  await asked(0);
  await day.when('asked about', ({ waitsFor }) => waitsFor === 'repairs');
  // The third look would be five minutes after the second.
  for (const ms of [10_000, 60_000, 300_000]) {
    await day.when(`asleep for ${ms} ms`, ({ waitsFor, nextAt }) => {
      const leftMs = (nextAt?.getTime() ?? 0) - clock.now().getTime();
      return waitsFor === 'repairs' && leftMs > ms - 9_000;
    });
    if (ms === 300_000) await gateway.repair();
    if (ms === 300_000) await until('the answer', async () => (await saga.order(orderNo, shopOf(0))).state === 'paid');
    await asked(0);
  }
  expect(await day.ended()).toMatchObject({ state: 'balanced', run: 1 });
});

it('a step that fails again and again is shown in the row and on the card, and goes on once it can', async () => {
  await clock.moveTo(saga, daysAfter(date, 1), BELIEVED_MS);
  const { mchid } = shopOf(1);
  const day = billDay(saga, date, mchid);
  await saga.services.connection.sql.unsafe(`
    create function refuse_sums() returns trigger language plpgsql as
      $$begin if new.mchid = '${mchid}' then raise exception 'no sums'; end if; return new; end$$;
    create trigger refuse_sums before update on reconciliations for each row when (new.state = 'empty') execute function refuse_sums()`);
  await runBillDay(saga, date, clock.now(), mchid);
  const failing = await day.when('shown', ({ waitsFor }) => waitsFor === 'failing');
  expect(failing).toMatchObject({ state: 'waiting', finishedAt: null });
  const { card } = await until('the card', async () => {
    const shown = await day.shown();
    return shown.card.includes('fails again and again') && shown;
  });
  expect(card).toContain(`paysaga reconcile ${date}`);
  await until('the reason', async () => (await day.shown()).stuckReason.includes('day_failing'));

  await saga.services.connection.sql`drop trigger refuse_sums on reconciliations`;
  await asked(1);
  expect(await day.ended()).toMatchObject({ state: 'empty', waitsFor: null });
  expect((await day.shown()).stuckReason).toEqual([]);
});

it('a day whose bill cannot be kept shows that it fails, though it was shown to wait before, and no more once it can', async () => {
  const { mchid, gateway } = shopOf(3);
  const day = billDay(saga, date, mchid);
  await gateway.fault({ on: 'bill', bill: 'trade', kind: 'creating', times: 0 });
  await runBillDay(saga, date, clock.now(), mchid);
  await until('the card', async () => (await day.shown()).card.includes('Waits for WeChat Pay to make the trade bill'));
  const { sql } = saga.services.connection;
  await sql.unsafe(`
    create function refuse_bills() returns trigger language plpgsql as
      $$begin if new.mchid = '${mchid}' then raise exception 'no bills'; end if; return new; end$$;
    create trigger refuse_bills before insert on bills for each row execute function refuse_bills()`);
  await gateway.repair();
  await asked(3);
  await day.when('failing', ({ waitsFor }) => waitsFor === 'failing');
  await until('the reason', async () => (await day.shown()).stuckReason.includes('day_failing'));
  expect((await day.shown()).card).toContain('fails again and again');
  await sql`drop trigger refuse_bills on bills`;
  await asked(3);
  expect(await day.ended()).toMatchObject({ state: 'empty' });
  expect((await day.shown()).stuckReason).toEqual([]);
});

it('a day that is asked for while its run ends is run once more', async () => {
  const { mchid } = shopOf(2);
  const day = billDay(saga, date, mchid);
  const { sql } = saga.services.connection;
  await sql.unsafe(`
    create function wait_to_end() returns trigger language plpgsql as
      $$begin if new.mchid = '${mchid}' then perform pg_advisory_xact_lock(4243); end if; return new; end$$;
    create trigger wait_to_end before update on reconciliations for each row
      when (old.finished_at is null and new.finished_at is not null) execute function wait_to_end()`);
  await sql.begin(async (tx) => {
    await tx`select pg_advisory_xact_lock(4243)`;
    await runBillDay(saga, date, clock.now(), mchid);
    await until('its end', async () => {
      const waiting = await sql`select from pg_locks where locktype = 'advisory' and objid = 4243 and not granted`;
      return waiting.length > 0;
    });
    await saga.services.reconciliations.wake({ mchid, date });
  });
  expect(await day.ended()).toMatchObject({ state: 'empty', run: 2 });
});
