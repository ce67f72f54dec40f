import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { firstOutTradeNo, type OrderNo } from '../../src/base/ids.js';
import { daysAfter, startOf, type BillDate } from '../../src/reconciliation/rules/day.js';
import { listLines } from '../../src/reconciliation/store/lines.js';
import { billDay, nextNoon, NOON_MS, READY_MS, sweepUntilBegun } from '../support/bill-day.js';
import { codeScanned } from '../support/code-scan.js';
import type { Shop } from '../support/saga.js';
import { skippingServer, startTimeSkippingSaga, type TimeSkippingSaga } from '../support/time-skipping-saga.js';
import { until } from '../support/until.js';

/** Orders are placed by a clock that stands still. */
const WEEK = { expiresInSeconds: 604_800 };

describe.skipIf(skippingServer === undefined)('a day of codes charged at the till', () => {
  let saga: TimeSkippingSaga;
  let date: BillDate;
  /** Of each merchant: one order that is paid, and one that was paid while it was being reversed. */
  const told = new Map<Shop, { readonly kept: OrderNo; readonly taken: OrderNo }>();
  let undone: OrderNo;

  const over = (api: 'v3' | 'v2' | 'contradicted'): Shop => {
    const shop = saga.shops[['v3', 'v2', 'contradicted'].indexOf(api)];
    if (shop === undefined) throw new Error('a merchant');
    return shop;
  };

  const dayOf = ({ mchid }: Shop) => billDay(saga, date, mchid);

  async function passTo(day: BillDate, afterMs: number): Promise<() => Date> {
    await saga.pass(Math.ceil((startOf(day).getTime() + afterMs - (await saga.nowMs())) / 1_000));
    const offsetMs = (await saga.nowMs()) - Date.now();
    return () => new Date(Date.now() + offsetMs);
  }

  const sold = async (shop: Shop, payer: 'pays' | 'silent'): Promise<OrderNo> =>
    (await saga.createOrder({ ...(await codeScanned(shop.gateway, { payer })), ...WEEK }, shop)).orderNo;

  const orderWhen = (orderNo: OrderNo, shop: Shop, state: string) =>
    until(`${orderNo} to be ${state}`, async () => {
      const order = await saga.order(orderNo, shop);
      return order.state === state && order;
    });

  async function takenBack(shop: Shop): Promise<OrderNo> {
    // Before the charge: an activity's clock here may lag behind, and then a charge is given up at once.
    await shop.gateway.fault({ on: 'reverse', kind: 'payBefore' });
    const orderNo = await sold(shop, 'silent');
    await saga.call('POST', `/v1/orders/${orderNo}/close`, {}, shop.apiKey);
    await orderWhen(orderNo, shop, 'closed');
    return orderNo;
  }

  /** By another till of the merchant's, of whose reverse nobody here knows. */
  async function reversedElsewhere({ mchid }: Shop, orderNo: OrderNo): Promise<void> {
    const { appids } = saga.services.merchants.of(mchid) ?? {};
    const request = { outTradeNo: firstOutTradeNo(orderNo), appid: appids?.codeScan?.[0] ?? '' };
    const answer = await saga.services.gateways.for(mchid)?.reverse(request, { patience: 'durable' });
    expect(answer).toEqual({ kind: 'accepted' });
  }

  beforeAll(async () => {
    saga = await startTimeSkippingSaga({ merchants: 3, protocol: 'v2' });
    ({ date } = nextNoon(new Date(await saga.nowMs())));
    await passTo(date, NOON_MS);
    for (const shop of [over('v3'), over('v2')]) {
      const kept = await sold(shop, 'pays');
      await orderWhen(kept, shop, 'paid');
      told.set(shop, { kept, taken: await takenBack(shop) });
    }
    undone = await sold(over('contradicted'), 'pays');
    await orderWhen(undone, over('contradicted'), 'paid');
    await saga.pass(60);
    await reversedElsewhere(over('contradicted'), undone);
    const now = await passTo(daysAfter(date, 1), READY_MS);
    await sweepUntilBegun(saga, now, saga.shops.map(dayOf));
  });
  afterAll(() => saga.stop());

  it.each(['v3', 'v2'] as const)('is balanced over API %s: one is paid, one was reversed', async (api) => {
    const shop = over(api);
    const { kept, taken } = told.get(shop) ?? {};
    expect(await dayOf(shop).ended()).toMatchObject({ state: 'balanced', failure: null, open: [] });
    expect(await dayOf(shop).told()).toEqual([]);
    const lines = await listLines(saga.services.connection.db, { mchid: shop.mchid, date }, { limit: 10 });
    if (lines === 'bad_cursor') throw new Error('a first page has no cursor');
    expect(lines.lines.map((line) => [line.class, line.outTradeNo, line.billFen, line.isDiscrepant])).toEqual([
      ['matched', kept, 1200, false],
      ['reversed', taken, 1200, false],
      ['reversed', taken, 0, false],
    ]);
  });

  it('does not agree where an order that is paid here was reversed', async () => {
    const shop = over('contradicted');
    await dayOf(shop).when('matched', ({ open }) => open.length > 0);
    expect(await dayOf(shop).told()).toEqual(['reversed open -']);
    expect(await saga.order(undone, shop)).toMatchObject({ state: 'paid', refunds: [] });
    // Its order is asked again, for as long as a day waits for repairs, and says the same.
    await saga.pass(3_600);
    expect(await dayOf(shop).ended()).toMatchObject({ state: 'differs', open: [{ class: 'reversed', count: 1 }] });
    expect(await saga.order(undone, shop)).toMatchObject({ paidFen: 1200 });
  });
});
