import { describe, expect, it } from 'vitest';
import { codeScanned } from '../support/code-scan.js';
import { costOf } from '../support/history.js';
import { useSaga, type Shop } from '../support/saga.js';
import type { ShownCode } from '../support/sandbox-control.js';
import { until } from '../support/until.js';

const saga = useSaga({ merchants: 2, protocol: 'v2' });
const shopOf = (n: number): Shop => {
  const shop = saga.shops[n];
  if (shop === undefined) throw new Error('a merchant');
  return shop;
};

const scanned = (shop: Shop, shown?: ShownCode) => codeScanned(shop.gateway, shown);

describe.each([
  ['v3', 0],
  ['v2', 1],
] as const)('a code scanned at the till, over API %s', (_name, n) => {
  const shop = (): Shop => shopOf(n);
  const sold = async (shown: ShownCode = {}) => saga.createOrder(await scanned(shop(), shown), shop());
  const ordered = (orderNo: string) => saga.call('GET', `/v1/orders/${orderNo}`, undefined, shop().apiKey);
  const next = async (orderNo: string, fields: object) =>
    saga.call('POST', `/v1/orders/${orderNo}/attempts`, fields, shop().apiKey);
  const orderWhen = async (orderNo: string, state: string) => {
    await until(`${orderNo} to be ${state}`, async () => (await ordered(orderNo)).body.state === state);
    return (await ordered(orderNo)).body;
  };

  it('is paid at once, and costs 15 events at most', async () => {
    const { status, body, orderNo } = await sold();
    expect([status, body.state, body.paidFen]).toEqual([201, 'paid', 1200]);
    expect(body.attempts).toMatchObject([{ product: 'codeScan', state: 'succeeded', paidFen: 1200, codeUrl: null }]);
    const workflow = saga.workflow(orderNo, shop());
    await workflow.result();
    const { events } = await costOf(workflow);
    expect(events).toBeLessThanOrEqual(15);
    expect(await shop().gateway.calls('charge')).toBe(1);
  });

  it('is paid once the payer has typed the password, and says meanwhile what it waits for', async () => {
    const { status, body, orderNo } = await sold({ payer: 'password', afterMs: 600_000 });
    expect([status, body.state]).toEqual([202, 'awaitingPayment']);
    const { explain } = (await ordered(orderNo)).body;
    expect(explain).toMatchObject({ waitingFor: 'payer_password', actor: 'payer' });
    await shop().gateway.pay(orderNo);
    expect(await orderWhen(orderNo, 'paid')).toMatchObject({ paidFen: 1200 });
  });

  it('leaves the order to the next code when WeChat Pay refuses this one, and says so again when asked again', async () => {
    const used = await scanned(shop());
    expect((await saga.createOrder(used, shop())).status).toBe(201);
    const refused = await saga.createOrder(used, shop());
    expect([refused.status, refused.body.code]).toEqual([422, 'charge_refused']);
    const { orderNo } = refused;
    expect(await orderWhen(orderNo, 'awaitingPayment')).toMatchObject({ attempts: [{ state: 'failed' }] });
    const again = await saga.call(
      'POST',
      '/v1/orders',
      { orderNo, amountFen: 1200, description: 'A cup of tea', ...used },
      shop().apiKey,
    );
    expect([again.status, again.body.code]).toEqual([422, 'charge_refused']);
    const asNext = await next(orderNo, used);
    expect([asNext.status, asNext.body.code]).toEqual([422, 'charge_refused']);
    const second = await scanned(shop());
    const paid = await next(orderNo, second);
    expect([paid.status, paid.body.state]).toEqual([201, 'paid']);
    expect(paid.body.attempts.map(({ state }) => state)).toEqual(['failed', 'succeeded']);
    const repeated = await next(orderNo, second);
    expect([repeated.status, repeated.body.state, repeated.body.attempts.length]).toEqual([200, 'paid', 2]);
  });

  it('is reversed when the till cancels, not sooner than 15 s after the charge', async () => {
    const { orderNo } = await sold({ payer: 'silent' });
    const before = await shop().gateway.calls('reverse');
    const closed = await saga.call('POST', `/v1/orders/${orderNo}/close`, {}, shop().apiKey);
    expect([closed.status, closed.body.state, closed.body.closedReason]).toEqual([200, 'closed', 'reversed']);
    expect(await shop().gateway.calls('reverse')).toBe(before + 1);
    expect(await shop().gateway.trade(orderNo)).toMatchObject({ trade_state: 'REVOKED' });
  });

  it('is reversed by itself once the payer has refused', async () => {
    const { orderNo } = await sold({ payer: 'refuses', afterMs: 0 });
    expect(await orderWhen(orderNo, 'closed')).toMatchObject({ closedReason: 'reversed', paidFen: 0 });
    expect(await shop().gateway.trade(orderNo)).toMatchObject({ trade_state: 'REVOKED' });
  });

  it('is reversed again when it is paid in the moment of it, and takes nothing', async () => {
    const { orderNo } = await sold({ payer: 'silent' });
    await shop().gateway.fault({ on: 'reverse', kind: 'payBefore', outTradeNo: orderNo });
    const closed = await saga.call('POST', `/v1/orders/${orderNo}/close`, {}, shop().apiKey);
    expect([closed.body.state, closed.body.closedReason, closed.body.paidFen]).toEqual(['closed', 'reversed', 0]);
    expect(await shop().gateway.trade(orderNo)).toMatchObject({ trade_state: 'REVOKED' });
  });

  it('is never charged twice, and never forgotten, when no answer comes', async () => {
    const fields = await scanned(shop());
    await shop().gateway.fault({ on: 'charge', kind: 'timeoutAfter' });
    const { orderNo } = await saga.createOrder(fields, shop());
    expect(await orderWhen(orderNo, 'paid')).toMatchObject({ paidFen: 1200 });
    await shop().gateway.repair();
  });

  it('may have been paid when WeChat Pay says that it is asked too often', async () => {
    const fields = await scanned(shop());
    await shop().gateway.fault({ on: 'charge', kind: 'error', status: 429, code: 'FREQUENCY_LIMITED', effect: true });
    const { orderNo, body } = await saga.createOrder(fields, shop());
    expect(body.code).toBeUndefined();
    expect(await orderWhen(orderNo, 'paid')).toMatchObject({ paidFen: 1200 });
    await shop().gateway.repair();
  });
});
