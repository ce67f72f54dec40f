import { afterEach, describe, expect, it } from 'vitest';
import type { OrderNo } from '../../src/base/ids.js';
import { type Shop, useSaga } from '../support/saga.js';
import { until } from '../support/until.js';

const LIMITED = { kind: 'error', status: 429, code: 'FREQUENCY_LIMITED', effect: false, signed: false } as const;

type Call = { readonly api: string; readonly outcome: string; readonly at: Date };

describe('a limit that WeChat Pay tells', () => {
  const saga = useSaga({ merchants: 7 });
  afterEach(async () => {
    for (const { gateway } of saga.shops) await gateway.repair();
  });

  const shopOf = (index: number): Shop => {
    const shop = saga.shops[index];
    if (shop === undefined) throw new Error('a merchant for each story, since a limit is the merchant’s');
    return shop;
  };
  const callsOf = async (orderNo: OrderNo): Promise<Call[]> => {
    const rows = await saga.services.connection.sql<{ api: string; outcome: string; ms: number }[]>`
      select api, outcome, extract(epoch from at)::float8 * 1000 as ms from gateway_calls
      where order_no = ${orderNo} order by id`;
    return rows.map(({ api, outcome, ms }) => ({ api, outcome, at: new Date(ms) }));
  };
  const sent = async (orderNo: OrderNo, api: string): Promise<Call[]> =>
    (await callsOf(orderNo)).filter((it) => it.api === api && it.outcome === 'FREQUENCY_LIMITED');
  const close = (orderNo: OrderNo, { apiKey }: Shop) =>
    saga.call('POST', `/v1/orders/${orderNo}/close`, undefined, apiKey);

  it('is kept by a close that somebody asked for, and said on its card', async () => {
    const shop = shopOf(1);
    const { orderNo } = await saga.createOrder({}, shop);
    await shop.gateway.fault({ on: 'close', ...LIMITED, retryAfter: '15', outTradeNo: orderNo, times: 2 });
    const closing = close(orderNo, shop);
    await until('the query after it', async () => {
      const calls = await callsOf(orderNo);
      return calls.findLast(({ api }) => api !== 'prepay')?.api === 'query' && calls.some(({ api }) => api === 'close');
    });
    const { text } = (await saga.order(orderNo, shop)).explain;
    expect(text.en).toMatch(/WeChat Pay asks for fewer calls .*: the close was put off until \d{4}-\d\d-\d\d/);
    expect(text.zh).toMatch(/关单被推迟到 \d{4}-\d\d-\d\d/);
    const synced = await saga.call('POST', `/v1/orders/${orderNo}/sync`, undefined, shop.apiKey);
    expect([synced.status, synced.body.ending]).toEqual([200, 'cancelled']);
    await closing;
    await until('closed', async () => (await saga.order(orderNo, shop)).state === 'closed');
    const closes = (await callsOf(orderNo)).filter(({ api }) => api === 'close');
    expect(closes.map(({ outcome }) => outcome)).toEqual(['FREQUENCY_LIMITED', 'FREQUENCY_LIMITED', 'accepted']);
    for (const [index, { at }] of closes.slice(1).entries())
      expect(at.getTime() - (closes[index]?.at.getTime() ?? 0)).toBeGreaterThanOrEqual(15_000);
  });

  it('does not keep back the close of another order that somebody asks for', async () => {
    const shop = shopOf(2);
    const first = await saga.createOrder({}, shop);
    const other = await saga.createOrder({}, shop);
    await shop.gateway.fault({ on: 'close', ...LIMITED, retryAfter: '60', outTradeNo: first.orderNo, times: 0 });
    const closing = saga.briefly.call('POST', `/v1/orders/${first.orderNo}/close`, undefined, shop.apiKey);
    await until('the close', async () => (await sent(first.orderNo, 'close')).length > 0);
    await until('closed', async () => (await close(other.orderNo, shop)).body.state === 'closed');
    await closing;
    expect(await sent(first.orderNo, 'close')).toHaveLength(1);
  });

  it.each([
    { api: 'query', index: 3 },
    { api: 'prepay', index: 4 },
  ] as const)('to the $api of one order keeps no other from being created', async (limit) => {
    const shop = shopOf(limit.index);
    const orderNo = saga.newOrderNo();
    const fault = { on: limit.api, ...LIMITED, retryAfter: '60', outTradeNo: orderNo, times: 0 } as const;
    await shop.gateway.fault(fault);
    const body = { orderNo, amountFen: 1200, description: 'A cup of tea', product: 'native' };
    const asking = limit.api === 'prepay' ? saga.briefly : saga;
    const creating = asking.call('POST', '/v1/orders', body, shop.apiKey);
    if (limit.api === 'query') {
      await creating;
      await shop.gateway.pay(orderNo);
    }
    await until('the limit', async () => (await sent(orderNo, limit.api)).length > 0);
    for (let n = 0; n < 3; n += 1) {
      const { status, body: order } = await saga.createOrder({}, shop);
      expect([status, order.attempts[0]?.codeUrl]).toEqual([201, expect.stringMatching(/^weixin:/)]);
    }
    // The limited call still waits: it was sent once, or once more where its first answer came too late for the local try.
    await creating;
    expect((await sent(orderNo, limit.api)).length).toBeLessThanOrEqual(2);
    expect(await saga.order(orderNo, shop)).toMatchObject({ paidFen: 0 });
  });

  it('keeps no order from being created whose first try was slow', async () => {
    const shop = shopOf(6);
    const [limited, slow] = [saga.newOrderNo(), saga.newOrderNo()];
    await shop.gateway.fault({ on: 'prepay', ...LIMITED, retryAfter: '60', outTradeNo: limited, times: 0 });
    await shop.gateway.fault({ on: 'prepay', kind: 'slow', ms: 3_000, outTradeNo: slow });
    const creating = saga.briefly.createOrder({ orderNo: limited }, shop);
    await until('the limit', async () => (await sent(limited, 'prepay')).length > 0);
    await saga.createOrder({ orderNo: slow }, shop);
    await until('its code', async () => (await saga.order(slow, shop)).attempts[0]?.codeUrl?.startsWith('weixin:'));
    expect((await callsOf(slow)).map(({ outcome }) => outcome)).not.toContain('rate_limited');
    await creating;
    expect(await sent(limited, 'prepay')).toHaveLength(1);
  });

  it('is met once by a sync, which then waits', async () => {
    const shop = shopOf(5);
    const { orderNo } = await saga.createOrder({}, shop);
    await shop.gateway.fault({ on: 'query', ...LIMITED, retryAfter: '60', outTradeNo: orderNo, times: 0 });
    const answer = await saga.briefly.call('POST', `/v1/orders/${orderNo}/sync`, undefined, shop.apiKey);
    expect(answer.status).toBe(503);
    await until('a call kept back', async () => (await callsOf(orderNo)).at(-1)?.outcome === 'rate_limited');
    expect(await sent(orderNo, 'query')).toHaveLength(1);
  });
});
