import { afterEach, expect, it } from 'vitest';
import { useSaga } from '../support/saga.js';
import { useShopEndpoint } from '../support/shop-endpoint.js';
import { until } from '../support/until.js';

const shop = useShopEndpoint();
const saga = useSaga({ endpoint: shop });
afterEach(() => saga.gateway.repair());

const detail = { field: '/amount', value: 'oOpenidOfThePayer', issue: 'is not as it should be' };
const told = (code: string, status = 400) => ({
  ...{ status, code, message: `${code} in words` },
  detail: { field: '/amount', issue: 'is not as it should be' },
});
const refusing = (on: 'prepay' | 'close' | 'refund', code: string, fields: object) =>
  saga.gateway.fault({
    ...{ on, kind: 'error', status: 400, code, message: `${code} in words`, detail, effect: false, times: 0 },
    ...fields,
  });
const get = async (path: string) => (await saga.call('GET', path)).body;

it('what WeChat Pay says of a payment and its payer comes back to the shop, and to nobody else', async () => {
  const { orderNo } = await saga.createOrder({ attach: 'shelf 7' });
  const openid = 'oCanaryOfThePayer0123456789';
  await saga.gateway.pay(orderNo, { openid, payerCurrency: 'HKD', payerTotalFen: 1_301 });
  await saga.orderWhen(orderNo, ({ state }) => state === 'paid');
  const said = {
    ...{ attach: 'shelf 7', paidFen: 1200, payerFen: null, payerCurrency: 'HKD', payerAmount: 1_301 },
    ...{ tradeType: 'NATIVE', payer: { openid }, stuckReason: null },
  };
  expect(await get(`/v1/orders/${orderNo}`)).toMatchObject(said);
  await until('the event', () => shop.of(orderNo).some(({ type }) => type === 'order.paid'));
  await saga.workflow(orderNo).result();
  const history = await saga.workflow(orderNo).fetchHistory();
  expect(JSON.stringify(history)).not.toContain(Buffer.from(openid).toString('base64').slice(4, 20));
});

it('a payment without a time of its own was paid when it was asked about', async () => {
  const { orderNo } = await saga.createOrder();
  const since = Date.now();
  const omit = ['success_time', 'trade_type', 'bank_type', 'payer'];
  await saga.gateway.pay(orderNo, { omit });
  const { paidAt } = await saga.orderWhen(orderNo, ({ state }) => state === 'paid');
  expect(Date.parse(String(paidAt))).toBeGreaterThanOrEqual(since - 1_000);
});

it('why a prepay was refused stands with its attempt, the last answer and the event', async () => {
  const orderNo = saga.newOrderNo();
  await refusing('prepay', 'PARAM_ERROR', { outTradeNo: orderNo });
  const { status, body } = await saga.createOrder({ orderNo });
  expect([status, body]).toMatchObject([422, { code: 'prepay_refused', gateway: told('PARAM_ERROR') }]);
  expect(await get(`/v1/orders/${orderNo}`)).toMatchObject({ attempts: [{ gateway: told('PARAM_ERROR') }] });
});

it('why nobody may pay this merchant stands there while it lasts', async () => {
  const orderNo = saga.newOrderNo();
  await refusing('prepay', 'NO_AUTH', { outTradeNo: orderNo, status: 403 });
  await saga.createOrder({ orderNo });
  const order = await get(`/v1/orders/${orderNo}`);
  const gateway = told('NO_AUTH', 403);
  expect(order).toMatchObject({ attempts: [{ gateway }], explain: { lastAnswer: { api: 'prepay', gateway } } });
});

it('why a close was refused stands with its attempt', async () => {
  const { orderNo } = await saga.createOrder();
  await refusing('close', 'INVALID_REQUEST', { outTradeNo: orderNo });
  const closing = saga.call('POST', `/v1/orders/${orderNo}/close`);
  await saga.orderWhen(orderNo, ({ attempts: [attempt] }) => JSON.stringify(attempt).includes('in words'));
  expect(await get(`/v1/orders/${orderNo}`)).toMatchObject({ attempts: [{ gateway: told('INVALID_REQUEST') }] });
  await saga.gateway.repair();
  await closing;
});

it('why a refund was refused stands with it, in the order, the refund and the event', async () => {
  const { orderNo } = await saga.createOrder();
  await saga.gateway.pay(orderNo);
  await saga.orderWhen(orderNo, ({ state }) => state === 'paid');
  await refusing('refund', 'USER_ACCOUNT_ABNORMAL', { outTradeNo: orderNo });
  const refundNo = `R-${orderNo}`;
  await saga.call('POST', `/v1/orders/${orderNo}/refunds`, { refundNo, amountFen: 500 });
  await until('the refusal', async () => (await saga.refund(refundNo)).state === 'rejected');
  const gateway = told('USER_ACCOUNT_ABNORMAL');
  expect(await saga.refund(refundNo)).toMatchObject({ gateway, refundId: null });
  expect(await get(`/v1/orders/${orderNo}`)).toMatchObject({ refunds: [{ refundNo, gateway }] });
});

it('a refund says its number at WeChat Pay, its channel, where it went and when it was accepted', async () => {
  const { orderNo } = await saga.createOrder();
  await saga.gateway.pay(orderNo);
  await saga.orderWhen(orderNo, ({ state }) => state === 'paid');
  const refundNo = `R-${orderNo}`;
  await saga.call('POST', `/v1/orders/${orderNo}/refunds`, { refundNo, amountFen: 500 });
  await until('the refund', async () => (await saga.refund(refundNo)).state === 'succeeded');
  expect(await saga.refund(refundNo)).toMatchObject({
    refundId: expect.stringMatching(/^\d+$/) as string,
    channel: 'ORIGINAL',
    receivedAccount: expect.stringMatching(/.+/) as string,
    acceptedAt: expect.stringMatching(/Z$/) as string,
    gateway: null,
  });
});
