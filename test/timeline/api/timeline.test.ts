import { beforeEach, expect, it } from 'vitest';
import { mchid } from '../../db/fixtures.js';
import { json, OTHER_MCHID, problemCode, textWith, useTestApp } from '../../http/support/test-app.js';

const test = useTestApp();

let operator = '';
beforeEach(async () => {
  operator = (await test.operatorKey()).key;
});

type Entry = Record<string, unknown>;
const get = (number: string, key = operator) => test.send('GET', `/v1/orders/${number}/timeline`, { key });

it('tells an operator everything that happened to an order, oldest first', async () => {
  const number = await test.placePaidOrder();
  await test.send('POST', `/v1/orders/${number}/recheck`, { key: operator, body: { reason: 'the payer called' } });
  const answer = await get(number);
  expect(answer.status).toBe(200);
  const { items } = await json<{ items: Entry[] }>(answer);
  const none = {
    wechatAt: null,
    by: null,
    reason: null,
    before: null,
    after: null,
    detail: null,
    gateway: null,
    durationMs: null,
    count: null,
  };
  expect(items[0]).toEqual({
    ...none,
    at: '2026-03-01T10:00:00.000Z',
    source: 'shop',
    kind: 'order.created',
    subject: number,
    outcome: null,
    amountFen: 1200,
  });
  const order = { version: 3, state: 'paid', paidFen: 1200, refund: null, event: null };
  expect(items.find(({ kind }) => kind === 'action.recheck')).toMatchObject({
    source: 'person',
    by: textWith(/^Li Lei/),
    reason: 'the payer called',
    outcome: null,
    before: order,
    after: null,
  });
  expect(items.find(({ kind }) => kind === 'answer.recheck')).toMatchObject({
    source: 'paysaga',
    outcome: 'asked',
    before: order,
    after: order,
  });
  expect(JSON.stringify(items)).not.toMatch(/weixin:|wx-code/);
});

it('is for operators, of the merchant, and of an order that is there', async () => {
  const number = await test.placeOrder();
  const { key: stranger } = await test.newKey('operator', [mchid('1900000003')], 'Han Meimei');
  const { key: several } = await test.newKey('operator', [OTHER_MCHID, mchid('1900000003')], 'Wang Wu');
  for (const [path, key, status, code] of [
    [number, test.merchantKey, 403, 'forbidden'],
    [number, stranger, 404, 'order_not_found'],
    [number, several, 400, 'invalid_request'],
    ['A-9999999', operator, 404, 'order_not_found'],
    ['x', operator, 404, 'order_not_found'],
  ] as const) {
    const answer = await get(path, key);
    expect([answer.status, await problemCode(answer)]).toEqual([status, code]);
  }
});
