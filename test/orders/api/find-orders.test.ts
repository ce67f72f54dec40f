import { describe, expect, it } from 'vitest';
import { json, OTHER_MCHID, useTestApp } from '../../http/support/test-app.js';

const test = useTestApp();

type Page = { items: { orderNo: string }[]; nextCursor: string | null };
type Problem = { code: string; detail: string };
const ask = (query: Record<string, string>) => test.send('GET', `/v1/orders?${new URLSearchParams(query).toString()}`);
const numbers = async (query: Record<string, string>): Promise<string[]> =>
  (await json<Page>(await ask(query))).items.map(({ orderNo }) => orderNo);

describe('the list of orders', () => {
  it('finds the customer who paid ¥88 at three, by amount, time and words', async () => {
    test.clock.now = new Date('2026-06-01T06:59:00Z');
    const before = await test.placePaidOrder({ amountFen: 8_800 });
    test.clock.now = new Date('2026-06-01T07:00:00Z');
    const wanted = await test.placePaidOrder({
      amountFen: 8_800,
      description: '明前龙井 礼盒',
      metadata: { phone: '13800138000' },
    });
    const waiting = await test.placeOrder({ amountFen: 8_800 });
    const other = await test.placePaidOrder({ amountFen: 8_801 });
    const three = { createdFrom: '2026-06-01T15:00:00+08:00', createdTo: '2026-06-01T15:30:00+08:00' };

    expect(await numbers({ amountFen: '8800', ...three, state: 'paid' })).toEqual([wanted]);
    expect((await numbers({ amountFen: '8800', ...three })).toSorted()).toEqual([wanted, waiting].toSorted());
    expect(await numbers({ amountFen: '8801', paidFrom: '2026-01-01T00:00:00Z', state: 'paid' })).toEqual([other]);
    for (const q of ['龙井', '礼盒 明前', '8000', wanted, ` ${wanted} `])
      expect(await numbers({ q, ...three, amountFen: '8800', state: 'paid' })).toEqual([wanted]);
    expect(await numbers({ q: before, ...three })).toEqual([]);
    expect(await numbers({ q: '龙井', paidFrom: '2099-01-01T00:00:00Z' })).toEqual([]);
  });

  it('has those that were closed for one reason', async () => {
    const number = await test.placeOrder();
    await test.connection.sql`
      update orders set state = 'closed', closed_reason = 'cancelled', closed_at = now() where order_no = ${number}`;
    expect(await numbers({ closedReason: 'cancelled' })).toEqual([number]);
    expect(await numbers({ closedReason: 'cancelled', state: 'closed' })).toEqual([number]);
    expect(await numbers({ closedReason: 'expired' })).toEqual([]);
  });

  it("is another merchant's for their key alone", async () => {
    const number = await test.placeOrder({ description: 'secret tea' });
    const { key } = await test.newKey('merchant', [OTHER_MCHID]);
    for (const query of [`q=secret`, `q=${number}`, 'amountFen=1200']) {
      const answer = await test.send('GET', `/v1/orders?${query}`, { key });
      expect((await json<Page>(answer)).items).toEqual([]);
    }
  });

  it.each([
    [{ q: 'x' }, 'q'],
    [{ q: ' x ' }, 'q'],
    [{ q: 'x'.repeat(65) }, 'q'],
    [{ q: 'tea\u0000' }, 'q'],
    [{ q: 'tea\u202e' }, 'q'],
    [{ amountFen: '0' }, 'amountFen'],
    [{ amountFen: '8.8' }, 'amountFen'],
    [{ amountFen: '1000000001' }, 'amountFen'],
    [{ amountFen: '88', product: 'native' }, 'product'],
    [{ amountFen: '88', stuckReason: 'any' }, 'stuckReason'],
    [{ amountFen: '88', paidFrom: '2026-01-01T00:00:00Z', createdFrom: '2026-01-01T00:00:00Z' }, 'createdFrom'],
    [{ closedReason: 'expired', state: 'paid' }, 'state'],
    [{ closedReason: 'expired', amountFen: '88' }, 'closedReason'],
    [{ q: 'tea', sort: 'paid' }, 'sort'],
    [{ q: 'tea', cursor: 'bm9wZQ' }, 'cursor'],
  ])('refuses %j by the name of the field', async (query, field) => {
    const answer = await ask(query);
    const { code, detail } = await json<Problem>(answer);
    expect([answer.status, code]).toEqual([400, 'invalid_request']);
    expect(detail).toContain(field);
  });
});
