import { describe, expect, it, test } from 'vitest';
import { createBilledDay, pastDay } from '../../../src/entries/demo/billed-day.js';
import type { DemoDay, Discrepancy } from '../../../src/entries/demo/shop.js';
import { beijingDate, reconcilableDate, startOf } from '../../../src/reconciliation/rules/day.js';

describe('the day that is over has its bills, and WeChat Pay is at its noon', () => {
  it.each([
    ['00:00', '2026-02-27'],
    ['00:30', '2026-02-27'],
    ['09:00', '2026-02-27'],
    ['10:04', '2026-02-27'],
    ['10:05', '2026-02-28'],
    ['11:00', '2026-02-28'],
    ['12:05', '2026-02-28'],
    ['23:50', '2026-02-28'],
  ])('at %s in Beijing', (time, date) => {
    const now = new Date(`2026-03-01T${time}:00+08:00`);
    const past = pastDay(now);
    expect(past.date).toBe(date);
    expect(reconcilableDate(past.date, now).ok).toBe(true);
    const wechatNow = new Date(now.getTime() - past.behindSeconds * 1_000);
    expect(beijingDate(wechatNow)).toBe(past.date);
    expect(wechatNow.getTime() - startOf(past.date).getTime()).toBe(12 * 3_600_000);
  });
});

const DATE = pastDay(new Date('2026-03-01T12:00:00+08:00')).date;

const day = (fields: Partial<DemoDay> = {}): DemoDay => ({
  state: 'balanced',
  finishedAt: '2026-03-01T04:00:00.000Z',
  classes: [
    { class: 'matched', subject: 'payment', count: 3 },
    { class: 'matched', subject: 'refund', count: 1 },
    { class: 'foreign', subject: 'payment', count: 7 },
  ],
  ...fields,
});
const discrepancy = (status: string, outTradeNo: string | null = 'a*2'): Discrepancy => ({
  ...{ class: 'paid_not_here', status, outTradeNo },
  orderNo: outTradeNo?.slice(0, 1) ?? null,
});

const COMPLETED = ['reconciliation.completed'];
const MCHID = '1600000001';
const hearing = (told: readonly string[]) => ({
  heardOfDay: ({ mchid, date }: { mchid: string; date: string }) => (mchid === MCHID && date === DATE ? told : []),
});

async function followed(
  looks: readonly DemoDay[],
  discrepancies: readonly Discrepancy[] = [],
  told: readonly string[] = COMPLETED,
) {
  let asked = 0;
  const shop = {
    mchid: MCHID,
    beginDay: () => Promise.resolve({}),
    day: () => Promise.resolve(looks[asked++] ?? looks.at(-1) ?? day()),
    discrepancies: () => Promise.resolve([...discrepancies]),
  };
  const billed = createBilledDay({ shop, endpoint: hearing(told) }, DATE);
  await billed.run(Promise.resolve());
  return billed;
}

test('a day that is balanced, whatever was repaired for it, is as expected, and said in one line', async () => {
  const billed = await followed([day({ state: 'waiting', finishedAt: null }), day()], [discrepancy('repaired')]);
  expect(billed.isOver).toBe(true);
  expect(billed.wrong).toEqual([]);
  expect(billed.line).toBe(
    `bills of ${DATE}: balanced, 3 payments and 1 refund agree, 1 difference found and repaired, told ${COMPLETED[0]}`,
  );
});

test.each<[string, DemoDay, Discrepancy[], string[]]>([
  ['differs', day({ state: 'differs' }), [discrepancy('open'), discrepancy('repaired', 'b')], [DATE, 'a']],
  ['is called balanced, and a difference is open', day(), [discrepancy('open')], [DATE, 'a']],
  ['is called balanced, and a person had to decide', day(), [discrepancy('accepted')], [DATE, 'a']],
  ['differs by a number that nobody here knows', day({ state: 'differs' }), [discrepancy('open', null)], [DATE]],
  ['has nothing on either side', day({ state: 'empty', classes: [] }), [], [DATE]],
  ['failed', day({ state: 'failed' }), [], [DATE]],
])('a day that %s is named with its orders', async (_, found, discrepancies, wrong) => {
  const billed = await followed([found], discrepancies);
  expect(billed.wrong).toEqual(wrong);
  expect(billed.line.includes('paid_not_here')).toBe(discrepancies.length > 0);
});

test('a day that cannot be run is over and is named', async () => {
  const refused = () => Promise.reject(new Error('503'));
  const shop = { mchid: MCHID, beginDay: refused, day: refused, discrepancies: refused };
  const billed = createBilledDay({ shop, endpoint: hearing([]) }, DATE);
  expect([billed.isOver, billed.wrong]).toEqual([false, [DATE]]);
  await billed.run(Promise.resolve());
  expect([billed.isOver, billed.wrong, billed.line]).toEqual([true, [DATE], `bills of ${DATE}: 503`]);
  await billed.close();
});

test('a day is asked for once its bills are ready, and is wrong if they never are', async () => {
  const shop = {
    mchid: MCHID,
    beginDay: () => Promise.reject(new Error('too early')),
    day: () => Promise.resolve(day()),
    discrepancies: () => Promise.resolve([]),
  };
  const billed = createBilledDay({ shop, endpoint: hearing(COMPLETED) }, DATE);
  await billed.run(Promise.reject(new Error('the clock stands')));
  expect([billed.isOver, billed.wrong, billed.line]).toEqual([true, [DATE], `bills of ${DATE}: the clock stands`]);
});

test('a day that differs in the end is wrong, though it was balanced before', async () => {
  const billed = await followed([day(), day({ state: 'differs' })]);
  expect(billed.wrong).toEqual([]);
  await billed.close();
  expect(billed.wrong).toEqual([DATE]);
});

test.each([
  [['reconciliation.completed', 'reconciliation.completed']],
  [['reconciliation.completed', 'discrepancy.opened']],
])('a day of which the shop heard %j is wrong', async (told) => {
  expect((await followed([day()], [], told)).wrong).toEqual([DATE]);
});
