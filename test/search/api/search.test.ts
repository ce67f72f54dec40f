import { beforeEach, describe, expect, it } from 'vitest';
import { json, MCHID, OTHER_MCHID, problemCode, useTestApp } from '../../http/support/test-app.js';

const test = useTestApp();

let operator = '';
beforeEach(async () => {
  operator = (await test.newKey('operator', [MCHID, OTHER_MCHID], 'Li Lei')).key;
});

const search = (query: string, key = operator) => test.send('GET', `/v1/search?${query}`, { key });
const found = async (query: string, key = operator) =>
  (await json<{ items: unknown[] }>(await search(query, key))).items;

describe('search', () => {
  it('finds an order of any merchant of the key, or of the one that is named', async () => {
    const number = await test.placePaidOrder();
    const refundNo = `S-${number}`;
    await test.send('POST', `/v1/orders/${number}/refunds`, { body: { refundNo, amountFen: 1 } });
    const here = { mchid: MCHID, orderNo: number };
    expect(await found(`number=${number}`)).toEqual([{ found: 'order', ...here, number }]);
    expect(await found(`number=${refundNo}&mchid=${MCHID}`)).toEqual([{ found: 'refund', ...here, number: refundNo }]);
    expect(await found(`number=wx-${number}`)).toMatchObject([{ found: 'transaction', ...here }]);
    expect(await found(`number=${number}&mchid=${OTHER_MCHID}`)).toEqual([]);
    const { key: others } = await test.newKey('operator', [OTHER_MCHID], 'Han Meimei');
    expect(await found(`number=${number}`, others)).toEqual([]);
  });

  it('takes a number as it is written, with its star and its at', async () => {
    const number = await test.placeOrder();
    const { status } = await test.send('POST', `/v1/orders/${number}/attempts`, {
      body: { product: 'jsapi', payer: { openid: 'o' } },
    });
    expect(status).toBe(201);
    for (const written of [`${number}*2`, `${number}%2A2`]) {
      expect(await found(`number=${written}`)).toMatchObject([{ found: 'attempt', orderNo: number }]);
    }
    expect(await found(`number=${number}*2@return`)).toEqual([]);
  });

  it.each(['', 'number=', `number=${'x'.repeat(65)}`, 'number=a&limit=1', 'number=a&number=b&mchid=x'])(
    'is refused with the query "%s"',
    async (query) => {
      const answer = await search(query);
      expect([answer.status, await problemCode(answer)]).toEqual([400, 'invalid_request']);
    },
  );

  it.each(['%00', '%F0%9F%8D%B5', '%ED%A0%BC', 'a%20b', '茶'])(
    'finds nothing under %s, and does not stumble',
    async (it) => {
      const answer = await search(`number=${it}`);
      expect([answer.status, await json(answer)]).toEqual([200, { items: [] }]);
    },
  );

  it('is for operators, and for their merchants', async () => {
    const asked: [string, string][] = [
      ['number=a', test.merchantKey],
      ['number=a&mchid=1900000003', operator],
    ];
    for (const [query, key] of asked) {
      const answer = await search(query, key);
      expect([answer.status, await problemCode(answer)]).toEqual([403, 'forbidden']);
    }
    expect((await test.send('GET', '/v1/search?number=a', { key: null })).status).toBe(401);
  });
});
