import { beforeAll, describe, expect, it } from 'vitest';
import type { OrderNo } from '../../src/base/ids.js';
import { daysAfter } from '../../src/reconciliation/rules/day.js';
import type { DayDetail } from '../../src/reconciliation/store/day.js';
import { billClock, billDay, nextNoon, NOON_MS, READY_MS, sweepUntilBegun } from '../support/bill-day.js';
import { costOf, pendingActivities } from '../support/history.js';
import type { Fault } from '../support/sandbox-control.js';
import { useSaga, type Shop } from '../support/saga.js';
import { until } from '../support/until.js';

/*
 * The same day of many merchants at once, each with a story of its own, begun by one pass of the sweeper at 10:06 of the next day.
 */
const clock = billClock();
const STORIES = [
  'plain',
  'repaired',
  'contradicts',
  'noTrade',
  'noFunds',
  'strangeFunds',
  'strange',
  'shaken',
  'early',
  'forged',
  'altered',
] as const;
type Story = (typeof STORIES)[number];

const saga = useSaga({ merchants: STORIES.length, activityNow: clock.now });
const { date } = nextNoon(new Date());
const shopOf = (story: Story): Shop => {
  const shop = saga.shops[STORIES.indexOf(story)];
  if (shop === undefined) throw new Error('a story has a merchant');
  return shop;
};
const dayOf = (story: Story) => billDay(saga, date, shopOf(story).mchid);
const fault = (story: Story, ...faults: readonly Fault[]) => shopOf(story).gateway.fault(...faults);

/** By a clock that has moved on an order with less time would be over. */
const WEEK = { expiresInSeconds: 604_800 };
const created = async (story: Story): Promise<OrderNo> => (await saga.createOrder(WEEK, shopOf(story))).orderNo;
const order = (story: Story, orderNo: OrderNo | undefined) => saga.order(orderNo ?? saga.newOrderNo(), shopOf(story));

async function paid(story: Story): Promise<OrderNo> {
  const orderNo = await created(story);
  await shopOf(story).gateway.pay(orderNo);
  await until('the order to be paid', async () => (await order(story, orderNo)).state === 'paid');
  return orderNo;
}

/** Paid, and every notify and query of it is lost until the bill is there. */
async function lost(story: Story): Promise<OrderNo> {
  const orderNo = await created(story);
  const always = { outTradeNo: orderNo, times: 0 };
  await fault(story, { on: 'notify', kind: 'drop', ...always }, { on: 'query', kind: 'http500', ...always });
  await shopOf(story).gateway.pay(orderNo);
  return orderNo;
}

async function closed(story: Story): Promise<OrderNo> {
  const orderNo = await created(story);
  await saga.call('POST', `/v1/orders/${orderNo}/close`, undefined, shopOf(story).apiKey);
  return orderNo;
}

/** What the stories are about. */
const told: Partial<
  Record<'lost' | 'late' | 'refunded' | 'inDoubt' | 'noFunds' | 'strangeFunds' | 'forged' | 'altered', OrderNo>
> = {};
const ends = new Map<Story, DayDetail>();
const BILLS = { on: 'bill', times: 0 } as const;

beforeAll(async () => {
  await clock.moveTo(saga, date, NOON_MS);
  await paid('plain');

  await paid('repaired');
  told.lost = await lost('repaired');
  told.late = await closed('repaired');
  await fault('repaired', { on: 'notify', kind: 'drop', outTradeNo: told.late, times: 0 });
  await shopOf('repaired').gateway.pay(told.late, { force: true });
  told.refunded = await paid('repaired');
  const refund = { outTradeNo: told.refunded, refundFen: 500, outRefundNo: 'CONSOLE-1', notify: null };
  await shopOf('repaired').gateway.outsideRefund(refund);

  await paid('contradicts');
  told.inDoubt = await lost('contradicts');

  await paid('noTrade');
  told.noFunds = await lost('noFunds');
  told.strangeFunds = await lost('strangeFunds');
  await paid('strange');
  await paid('shaken');
  await paid('early');
  const real = await paid('forged');
  told.forged = await closed('forged');
  told.altered = await paid('altered');

  await clock.moveTo(saga, daysAfter(date, 1), READY_MS);
  await fault('contradicts', { ...BILLS, bill: 'trade', kind: 'missingLine', summary: 'books' });
  const refused = { ...BILLS, kind: 'error', status: 403, code: 'NO_AUTH', effect: false } as const;
  await fault('noTrade', { ...refused, bill: 'trade' });
  await fault('noFunds', { ...refused, bill: 'fundflow' });
  await fault('strangeFunds', {
    ...BILLS,
    bill: 'fundflow',
    kind: 'alteredLine',
    column: '收支金额(元)',
    value: '999.00',
    summary: 'books',
  });
  await fault('strange', { ...BILLS, bill: 'trade', kind: 'wrongHash' });
  await fault(
    'shaken',
    { on: 'bill', bill: 'trade', kind: 'http500' },
    { on: 'billFile', kind: 'truncated' },
    { on: 'billFile', kind: 'error', status: 400, code: 'INVALID_REQUEST', effect: false },
    { on: 'bill', bill: 'fundflow', kind: 'wrongHash' },
  );
  const none = { ...BILLS, kind: 'error', status: 400, code: 'NO_STATEMENT_EXIST', effect: false } as const;
  await fault('early', { ...none, bill: 'trade' });

  const forged = { 商户订单号: told.forged, 微信订单号: '4200000000202611280000000001' };
  await fault('forged', { ...BILLS, bill: 'trade', kind: 'extraLine', outTradeNo: real, cells: forged });
  const altered = { outTradeNo: told.altered, column: '订单金额', value: '99.00' };
  await fault('altered', { ...BILLS, bill: 'trade', kind: 'alteredLine', ...altered });

  await sweepUntilBegun(saga, clock.now, STORIES.map(dayOf));
  const ending = STORIES.filter((story) => story !== 'early' && story !== 'forged');
  // From here on the lost orders may ask.
  for (const story of ['repaired', 'noFunds', 'strangeFunds'] as const) {
    await dayOf(story).when('asked about', ({ waitsFor }) => waitsFor === 'repairs');
    await shopOf(story).gateway.repair();
  }
  await Promise.all(ending.map(async (story) => ends.set(story, await dayOf(story).ended())));
});

describe('a day', () => {
  it('on which all was paid and told is balanced', async () => {
    expect(ends.get('plain')).toMatchObject({ state: 'balanced', run: 1, askedBy: null, failure: null, open: [] });
    expect(await dayOf('plain').told()).toEqual([]);
    expect(ends.get('plain')?.bills).toMatchObject([
      { kind: 'trade', state: 'imported', lines: 1 },
      { kind: 'fundflow', state: 'imported', lines: 2 },
    ]);
    const { card, stuckReason } = await dayOf('plain').shown();
    expect(card).toContain(`### ${date}`);
    expect(card).toContain('Both sides agree.');
    expect(stuckReason).toEqual([]);
  });

  it('costs 29 events, 21 state transitions and 5 actions', async () => {
    expect(await costOf(dayOf('plain').workflow)).toEqual({ events: 29, transitions: 21, actions: 5 });
  });

  it('repairs itself: orders ask and follow their policy, an external refund becomes a row, and both sides agree', async () => {
    expect(ends.get('repaired')).toMatchObject({ state: 'balanced', failure: null, waitsFor: null, open: [] });
    expect(await dayOf('repaired').told()).toEqual([
      'paid_not_here repaired order_query',
      'paid_not_here repaired order_query',
      'refund_not_here repaired refund_query',
    ]);
    const found = await order('repaired', told.lost);
    expect(found).toMatchObject({ state: 'paid', paidFen: 1200 });
    expect(found.evidence.map(({ source }) => source)).toContain('bill');
    expect(await order('repaired', told.late)).toMatchObject({
      state: 'closed',
      closedReason: 'cancelled',
      returnedFen: 1200,
    });
    expect(await order('repaired', told.refunded)).toMatchObject({ state: 'paid', refundedFen: 500 });
    expect(await saga.refund('CONSOLE-1', shopOf('repaired'))).toMatchObject({ cause: 'external', amountFen: 500 });
  });

  it('whose trade bill contradicts itself repairs nothing and fails', async () => {
    expect(ends.get('contradicts')).toMatchObject({ state: 'failed', failure: 'trade_untrusted', open: [] });
    expect(ends.get('contradicts')?.bills).toMatchObject([
      { state: 'untrusted', distrust: 'summary' },
      { state: 'imported' },
    ]);
    expect(await dayOf('contradicts').told()).toEqual([]);
    expect(await order('contradicts', told.inDoubt)).toMatchObject({ state: 'awaitingPayment', evidence: [] });
    expect((await dayOf('contradicts').shown()).card).toContain(`paysaga reconcile ${date}`);
  });

  it('whose trade bill has another hash, however often it is fetched, fails', () => {
    expect(ends.get('strange')).toMatchObject({ state: 'failed', failure: 'trade_untrusted' });
    expect(ends.get('strange')?.bills).toMatchObject([{ state: 'untrusted', distrust: 'hash' }, { state: 'imported' }]);
  });

  it('whose trade bill is refused fails, and says so', async () => {
    expect(ends.get('noTrade')).toMatchObject({ state: 'failed', failure: 'bill_refused' });
    expect((await dayOf('noTrade').shown()).card).toContain('refuses this merchant a bill');
  });

  it.each([
    ['noFunds', 'bill_refused', 'refused'],
    ['strangeFunds', 'fundflow_untrusted', 'summary'],
  ] as const)(
    'whose fund-flow bill cannot be had or trusted (%s) is matched and repaired by its trade bill',
    async (story, failure, distrust) => {
      expect(ends.get(story)).toMatchObject({ state: 'failed', failure, open: [] });
      expect(ends.get(story)?.bills).toMatchObject([{ state: 'imported' }, { state: 'untrusted', distrust }]);
      expect(await order(story, told[story])).toMatchObject({ state: 'paid', paidFen: 1200 });
      expect(await dayOf(story).told()).toEqual(['paid_not_here repaired order_query']);
    },
  );

  it('outlives a 5xx, a file cut off, an address that has expired, and a hash that was wrong once', async () => {
    expect(ends.get('shaken')).toMatchObject({ state: 'balanced', failure: null });
    expect(await shopOf('shaken').gateway.calls('bill')).toBeGreaterThanOrEqual(6);
  });

  it('without a bill before noon is not believed: it waits, for all to see', async () => {
    const day = await dayOf('early').when('waiting', ({ waitsFor }) => waitsFor === 'trade_bill');
    expect(day).toMatchObject({ state: 'waiting', finishedAt: null, bills: [] });
    expect(day.nextAt?.getTime()).toBeGreaterThan(clock.now().getTime());
    const { card, stuckReason } = await until('the card', async () => {
      const shown = await dayOf('early').shown();
      return shown.card.includes('trade bill') && shown;
    });
    expect(card).toContain('WeChat Pay');
    expect(stuckReason).toEqual([]);
    expect(await pendingActivities(dayOf('early').workflow, 'fetchBill')).toEqual([]);
  });

  it('with a line that nobody paid has the order ask, and moves no money', async () => {
    await dayOf('forged').when('asked about', ({ waitsFor }) => waitsFor === 'repairs');
    const orderNo = told.forged;
    const asked = await until('the question', async () => {
      const it = await order('forged', orderNo);
      return it.evidence.some(({ source }) => source === 'bill') && it.explain.lastAnswer?.api === 'query' && it;
    });
    expect(asked).toMatchObject({ state: 'closed', paidFen: 0, returnedFen: 0, refunds: [] });
    expect(await dayOf('forged').told()).toContain('paid_not_here open -');
    expect(await shopOf('forged').gateway.refunds(orderNo ?? '')).toEqual([]);
  });

  it('with an altered amount differs, and the order stays as it was paid', async () => {
    expect(ends.get('altered')).toMatchObject({ state: 'differs' });
    expect(await dayOf('altered').told()).toContain('amount open -');
    expect(await order('altered', told.altered)).toMatchObject({ state: 'paid', paidFen: 1200, refunds: [] });
  });
});
