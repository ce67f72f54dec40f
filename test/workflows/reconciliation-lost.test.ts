import { once } from 'node:events';
import { WorkflowNotFoundError, type WorkflowHandle } from '@temporalio/client';
import postgres from 'postgres';
import { beforeAll, describe, expect, it } from 'vitest';
import type { OrderNo } from '../../src/base/ids.js';
import { DAY, MINUTE } from '../../src/base/time.js';
import { daysAfter, startOf } from '../../src/reconciliation/rules/day.js';
import { listLines } from '../../src/reconciliation/store/lines.js';
import { runDay } from '../../src/reconciliation/use-cases/run.js';
import { progressOf } from '../../src/temporal/workflow.js';
import { billClock, billDay, nextNoon, NOON_MS, READY_MS, runBillDay, sweepAt } from '../support/bill-day.js';
import { startBrokenBuild } from '../support/broken-build.js';
import { completedTasks, eventsOf } from '../support/history.js';
import { startKillableWorker } from '../support/killable-worker.js';
import { resetRun } from '../support/reset.js';
import { useSaga, type Shop } from '../support/saga.js';
import { until } from '../support/until.js';

const clock = billClock();
const { date } = nextNoon(new Date());
const later = (): Date => new Date(clock.now().getTime() + 3 * MINUTE);

/** Of a day that repairs itself in one round. */
const TASKS = 8;
const REFERENCE = TASKS;
const [LESS, STALLED, BEFORE, OLD, BIG] = [TASKS + 1, TASKS + 2, TASKS + 3, TASKS + 4, TASKS + 5] as const;

const saga = useSaga({ merchants: BIG + 1, activityNow: clock.now });
const shopOf = (n: number): Shop => {
  const shop = saga.shops[n];
  if (shop === undefined) throw new Error('a merchant');
  return shop;
};
const dayOf = (n: number) => billDay(saga, date, shopOf(n).mchid);
const WEEK = { expiresInSeconds: 604_800 };

async function paid(n: number): Promise<OrderNo> {
  const { orderNo } = await saga.createOrder(WEEK, shopOf(n));
  await shopOf(n).gateway.pay(orderNo);
  await until('the order to be paid', async () => (await saga.order(orderNo, shopOf(n))).state === 'paid');
  return orderNo;
}

/** Nobody asks about it again: paid after it was closed, and the notify is lost. */
async function paidLate(n: number): Promise<OrderNo> {
  const { gateway, apiKey } = shopOf(n);
  const { orderNo } = await saga.createOrder(WEEK, shopOf(n));
  await saga.call('POST', `/v1/orders/${orderNo}/close`, undefined, apiKey);
  await gateway.fault({ on: 'notify', kind: 'drop', outTradeNo: orderNo, times: 0 });
  await gateway.pay(orderNo, { force: true });
  await gateway.fault({ on: 'bill', kind: 'creating', times: 0 });
  return orderNo;
}

const late: OrderNo[] = [];
let refundNo = '';

beforeAll(async () => {
  await clock.moveTo(saga, date, NOON_MS);
  for (let n = 0; n <= LESS; n += 1) late.push(await paidLate(n));
  for (const n of [STALLED, BEFORE]) await paid(n);
  const refunded = await paid(OLD);
  await shopOf(OLD).gateway.refundDelay(DAY);
  await saga.call('POST', `/v1/orders/${refunded}/refunds`, { refundNo: 'OLD-1', amountFen: 100 }, shopOf(OLD).apiKey);
  refundNo = 'OLD-1';
  await until('the refund', async () => (await saga.refund(refundNo, shopOf(OLD))).state === 'processing');
  const { mchid } = shopOf(BEFORE);
  await asRestored(
    (tx) => tx`update orders set created_at = ${startOf(daysAfter(date, -3)).toISOString()} where mchid = ${mchid}`,
  );
  await clock.moveTo(saga, daysAfter(date, 1), READY_MS);
});

/** What a backup brings, and nothing else may do. */
const asRestored = (change: (tx: postgres.TransactionSql) => Promise<unknown>) =>
  saga.services.connection.sql.begin(async (tx) => {
    await tx`set local session_replication_role = replica`;
    await change(tx);
  });

async function expectRepaired(n: number, what: string): Promise<void> {
  expect(await dayOf(n).load(), what).toMatchObject({ state: 'balanced', failure: null, open: [] });
  expect(await dayOf(n).told(), what).toEqual(['paid_not_here repaired order_query']);
  expect(await saga.order(late[n] ?? saga.newOrderNo(), shopOf(n)), what).toMatchObject({
    state: 'closed',
    returnedFen: 1200,
  });
  expect(await shopOf(n).gateway.refunds(late[n] ?? ''), what).toHaveLength(1);
}

const tasksOf = async (workflow: WorkflowHandle): Promise<number> => completedTasks(await eventsOf(workflow)).length;
const isRunning = async (workflow: WorkflowHandle) => (await workflow.describe()).status.name === 'RUNNING';

describe('a day that repairs itself', () => {
  it('goes on though Postgres came back without it', async () => {
    await shopOf(LESS).gateway.repair();
    const { mchid } = shopOf(LESS);
    await runBillDay(saga, date, clock.now(), mchid);
    await dayOf(LESS).when('asked about', ({ waitsFor }) => waitsFor === 'repairs');
    await asRestored(async (tx) => {
      for (const table of ['discrepancies', 'reconciliation_sums', 'reconciliation_pool', 'bills', 'reconciliations']) {
        await tx`delete from ${tx(table)} where mchid = ${mchid} and date = ${date}`;
      }
    });
    await dayOf(LESS).ended();
    // What was found before is not known any more, and the orders have long been asked.
    expect(await dayOf(LESS).load()).toMatchObject({ state: 'balanced', run: 1 });
  });

  it('ends the same, terminated after any of its workflow tasks and found by the sweeper', async () => {
    const all = Array.from({ length: TASKS + 1 }, (_, n) => n);
    for (const n of all) await shopOf(n).gateway.repair();
    for (const n of all) await runBillDay(saga, date, clock.now(), shopOf(n).mchid);
    const terminated = all
      .filter((n) => n !== REFERENCE)
      .map(async (n) => {
        const { workflow } = dayOf(n);
        await until(`task ${n + 1}`, async () => (await tasksOf(workflow)) > n || !(await isRunning(workflow)));
        await workflow.terminate().catch((error: unknown) => {
          // It was faster, and has ended by itself.
          if (!(error instanceof WorkflowNotFoundError)) throw error;
        });
      });
    await Promise.all(terminated);
    await dayOf(REFERENCE).ended();
    expect(await tasksOf(dayOf(REFERENCE).workflow)).toBe(TASKS);
    await until('the end of all', async () => {
      await sweepAt(saga, later);
      const days = await Promise.all(all.map((n) => dayOf(n).load()));
      return days.every((day) => day?.finishedAt != null);
    });
    for (const n of all) await expectRepaired(n, `after task ${n + 1}`);
  });

  it('ends the same after a reset to any of its workflow tasks', async () => {
    const { workflow } = dayOf(REFERENCE);
    const { runId } = await workflow.describe();
    for (const task of completedTasks(await eventsOf(workflow))) {
      await resetRun(saga, workflow, task, runId);
      await dayOf(REFERENCE).ended();
      await expectRepaired(REFERENCE, `after a reset to event ${String(task)}`);
    }
  });
});

it('a run that cannot go on is started anew by whoever asks for the day', async () => {
  const { mchid, gateway } = shopOf(STALLED);
  await gateway.fault({ on: 'bill', kind: 'creating', times: 0 });
  await runBillDay(saga, date, clock.now(), mchid);
  const day = dayOf(STALLED);
  await day.when('waiting', ({ waitsFor }) => waitsFor === 'trade_bill');
  await saga.stopWorkers();
  const broken = await startBrokenBuild(saga);
  const { runId } = await day.workflow.describe();
  await day.workflow.signal('recheck');
  const { client } = saga.services.temporal;
  await until(
    'it fails',
    async () => (await progressOf(client, day.workflow.workflowId, new Date())).kind === 'failing',
  );
  await sweepAt(saga, later);
  expect(await day.load()).toMatchObject({
    state: 'waiting',
    waitsFor: 'trade_bill',
    stalledSince: expect.any(Date) as unknown,
  });
  await broken.stop();
  await gateway.repair();
  const { isNew } = await runDay(
    { ...saga.services, db: saga.services.connection.db, now: clock.now, merchants: { of: () => ({}) } },
    { mchid, date, askedBy: 'Op' },
  );
  expect(isNew).toBe(false);
  await saga.startWorkers();
  expect(await day.ended()).toMatchObject({ state: 'balanced', stalledSince: null });
  expect((await day.workflow.describe()).runId).not.toBe(runId);
});

it('days missed are caught up from the first order on', async () => {
  const { mchid } = shopOf(BEFORE);
  await sweepAt(saga, later);
  const days = [-3, -2, -1, 0].map((n) => billDay(saga, daysAfter(date, n), mchid));
  const ended = await Promise.all(days.map((day) => day.ended()));
  expect(ended.map(({ state }) => state)).toEqual(['empty', 'empty', 'empty', 'balanced']);
  expect(await billDay(saga, daysAfter(date, -4), mchid).load()).toBeUndefined();
});

it('refunds under way for more than a week are asked about', async () => {
  const { mchid, gateway } = shopOf(OLD);
  await saga.refundWorkflow(refundNo, shopOf(OLD)).terminate();
  await saga.services.connection
    .sql`update refunds set accepted_at = accepted_at - interval '8 days' where mchid = ${mchid}`;
  await gateway.fault({ on: 'notify', kind: 'drop', times: 0 });
  await gateway.settle(refundNo, 'SUCCESS');
  expect((await saga.refund(refundNo, shopOf(OLD))).state).toBe('processing');
  await runBillDay(saga, date, clock.now(), mchid);
  await dayOf(OLD).ended();
  await until('the refund', async () => (await saga.refund(refundNo, shopOf(OLD))).state === 'succeeded');
});

const LINES = 5_100;

it('a worker killed in the middle of a bill: another one goes on, and no line is there twice', async () => {
  const { mchid, gateway } = shopOf(BIG);
  const next = daysAfter(date, 1);
  const lanes = Array.from({ length: 8 }, async (_, lane) => {
    for (let n = lane; n < LINES; n += 8)
      await gateway.foreignTrade({ outTradeNo: `POS-${100_000 + n}`, totalFen: 100 + n, state: 'SUCCESS' });
  });
  await Promise.all(lanes);
  await clock.moveTo(saga, daysAfter(date, 2), READY_MS);
  // The second batch cannot be written before the worker is gone.
  const gate = postgres(saga.databaseUrl, { max: 1, onnotice: () => undefined });
  await gate`create function wait_for_gate() returns trigger language plpgsql as
    $$begin if old.last_line > 0 and new.last_line > old.last_line then perform pg_advisory_xact_lock(4242); end if; return new; end$$`;
  await gate`create trigger wait_for_gate before update on bills for each row execute function wait_for_gate()`;
  await gate`select pg_advisory_lock(4242)`;
  await saga.stopWorkers();
  const worker = startKillableWorker(saga);
  await runBillDay(saga, next, clock.now(), mchid);
  const stored = () =>
    gate`select last_line, state from bills where mchid = ${mchid} and date = ${next} and kind = 'trade'`;
  await until('the first batch', async () => (await stored()).some((row) => Number(row['last_line']) > 0));
  worker.kill('SIGKILL');
  await once(worker, 'exit');
  expect(await stored()).toMatchObject([{ state: 'importing' }]);
  await gate`select pg_advisory_unlock(4242)`;
  await gate.end();
  await saga.startWorkers();

  const day = billDay(saga, next, mchid);
  expect((await day.ended()).bills).toMatchObject([{ state: 'imported', lines: LINES }, { state: 'imported' }]);
  const { db, sql } = saga.services.connection;
  const [count] = await sql`select count(*)::int as lines, count(distinct number)::int as numbers from bill_lines
    where mchid = ${mchid} and date = ${next} and kind = 'trade'`;
  expect(count).toEqual({ lines: LINES, numbers: LINES });
  const foreign = await listLines(db, { mchid, date: next }, { class: 'foreign', limit: 1 });
  expect(foreign).toMatchObject({ lines: [{ class: 'foreign' }] });
});
