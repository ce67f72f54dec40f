import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ORDER_EVENT_TYPES } from '../../src/shop-events/rules/event.js';
import { MCHID } from './support/answers.js';
import { startFakeApi, problem, type FakeApi } from './support/fake-api.js';
import { at, run } from './support/run.js';

let api: FakeApi;
let sandbox: FakeApi;
beforeAll(async () => {
  [api, sandbox] = await Promise.all([startFakeApi(), startFakeApi()]);
});
afterAll(() => Promise.all([api.close(), sandbox.close()]));
beforeEach(() => {
  api.asked.length = 0;
  sandbox.asked.length = 0;
  sandbox.answer = ({ path }) => ({ body: path === '/sandbox/pay' ? { transactionId: '4200' } : {} });
});

const ID = '67700ef7-a7dc-4184-bcb3-4fabafc7ff1f';
const event = { id: ID, type: 'order.paid', createdAt: '2026-03-01T10:05:09.000Z', status: 'unaddressed' };
const TEST_KEY = 'psk_test_operator_x';

const trigger = (...args: string[]) =>
  run(['trigger', ...args, '--mchid', MCHID, '--sandbox', sandbox.url], {
    config: { apiUrl: api.url, operatorKey: TEST_KEY },
  });

describe('paysaga trigger', () => {
  it('waits until WeChat Pay has the order before the payer pays', async () => {
    const states = ['creating', 'creating', 'awaitingPayment'];
    const seen: string[] = [];
    api.answer = ({ path }) => {
      if (path === '/v1/events') return { body: { items: [event], nextCursor: null } };
      return { body: { state: states.shift() } };
    };
    sandbox.answer = ({ path }) => {
      if (path === '/sandbox/pay') seen.push(...states);
      return { body: { transactionId: '4200' } };
    };
    // The answer to the create itself is the first.
    expect((await trigger('order.paid')).code).toBe(0);
    expect(seen).toEqual([]);
  });

  it('drives an order to the event, says each step, and shows the event at the end', async () => {
    let looks = 0;
    api.answer = ({ path }) => {
      if (path !== '/v1/events') return { body: { state: 'awaitingPayment' } };
      looks += 1;
      return { body: { items: looks < 3 ? [] : [event], nextCursor: null } };
    };

    const { code, out, err } = await trigger('order.paid');

    expect(code).toBe(0);
    const [placed] = api.asked;
    const { orderNo } = placed?.body as { orderNo: string };
    expect(orderNo).toMatch(/^trigger-[0-9a-f]{12}$/);
    expect(sandbox.asked.map(({ method, path, body }) => [method, path, body])).toEqual([
      ['GET', '/sandbox/merchant', undefined],
      ['POST', '/sandbox/pay', { outTradeNo: orderNo }],
    ]);
    expect(api.asked.at(-1)).toMatchObject({ path: '/v1/events', query: { orderNo, type: 'order.paid' } });
    expect(err).toContain(`POST /v1/orders: ${orderNo}`);
    expect(err).toContain('4200');
    expect(out).toMatch(new RegExp(`^order.paid ${ID}\\n`));
    expect(JSON.parse((await trigger('order.paid', '--json')).out)).toEqual(event);
  });

  it('ends where the event does not come', async () => {
    api.answer = ({ path }) => ({
      body: path === '/v1/events' ? { items: [], nextCursor: null } : { state: 'awaitingPayment' },
    });
    expect(await trigger('order.paid')).toMatchObject({ code: 1, out: '' });
  });

  it('lists every event of an order and how it gets there', async () => {
    const { code, out } = await run(['trigger', '--list']);
    expect(code).toBe(0);
    for (const type of ORDER_EVENT_TYPES) expect(out).toContain(`│ ${type} `);
  });

  it('is refused for a key of real merchants, and without a sandbox, and nobody is asked for an order', async () => {
    expect((await run(['trigger', 'order.paid', '--sandbox', sandbox.url], at(api.url))).code).toBe(1);
    const world = { config: { apiUrl: api.url, operatorKey: TEST_KEY } };
    expect((await run(['trigger', 'order.paid'], world)).code).toBe(2);
    expect((await run(['trigger', 'order.paid', '--sandbox', 'http://127.0.0.1:1'], world)).code).toBe(3);
    sandbox.answer = () => problem(404, 'unknown_merchant', 'none');
    expect((await trigger('order.paid')).code).toBe(1);
    expect(api.asked).toEqual([]);
  });

  it.each([['reconciliation.completed'], ['order.lost'], ['']])('refuses %s', async (type) => {
    expect((await trigger(type)).code).toBe(2);
    expect(api.asked).toEqual([]);
  });
});
