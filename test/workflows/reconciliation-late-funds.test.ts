import { expect, it } from 'vitest';
import { HOUR } from '../../src/base/time.js';
import { daysAfter } from '../../src/reconciliation/rules/day.js';
import { billClock, billDay, nextNoon, NOON_MS, READY_MS, runBillDay } from '../support/bill-day.js';
import { useSaga } from '../support/saga.js';

const clock = billClock();
const saga = useSaga({ activityNow: clock.now });
const { date } = nextNoon(new Date());

const CREATING = { on: 'bill', bill: 'fundflow', kind: 'creating', times: 0 } as const;

it('a day whose fund-flow bill is late repairs its orders by the trade bill meanwhile, and ends once it is there', async () => {
  await clock.moveTo(saga, date, NOON_MS);
  const { orderNo } = await saga.createOrder({ expiresInSeconds: 604_800 });
  const always = { outTradeNo: orderNo, times: 0 };
  await saga.gateway.fault(
    { on: 'notify', kind: 'drop', ...always },
    { on: 'query', kind: 'http500', ...always },
    CREATING,
  );
  await saga.gateway.pay(orderNo);
  await clock.moveTo(saga, daysAfter(date, 1), READY_MS);
  const day = billDay(saga, date);

  // Begun four hours ago, and so late with its first answer.
  await runBillDay(saga, date, new Date(clock.now().getTime() - 4 * HOUR));
  await day.when('asked about', ({ waitsFor }) => waitsFor === 'repairs');
  await saga.gateway.repair();
  await saga.gateway.fault(CREATING);
  const paid = await saga.orderWhen(orderNo, ({ state }) => state === 'paid');
  expect(paid.evidence.map(({ source }) => source)).toContain('bill');
  const waiting = await day.when('late', ({ waitsFor }) => waitsFor === 'fundflow_bill');
  expect(waiting).toMatchObject({ state: 'waiting', finishedAt: null, bills: [{ kind: 'trade', state: 'imported' }] });
  expect(await day.told()).toEqual(['paid_not_here repaired order_query']);
  const { card, stuckReason } = await day.shown();
  expect([card.includes('fund-flow'), stuckReason]).toEqual([true, ['bill_late']]);

  // The run would ask again in half an hour.
  await saga.gateway.repair();
  await day.workflow.terminate();
  await saga.services.reconciliations.start({ mchid: saga.mchid, date });
  expect(await day.ended()).toMatchObject({ state: 'balanced', run: 1, waitsFor: null });
});
