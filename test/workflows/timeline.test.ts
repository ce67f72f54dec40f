import { afterEach, expect, it } from 'vitest';
import { loadOrderProof } from '../../src/timeline/store/proof.js';
import type { OrderNo } from '../../src/base/ids.js';
import { useSaga } from '../support/saga.js';
import type { OrderAnswer } from '../support/order-answer.js';
import { useShopEndpoint } from '../support/shop-endpoint.js';
import { until } from '../support/until.js';

const shop = useShopEndpoint();
const saga = useSaga({ endpoint: shop });
afterEach(() => saga.gateway.repair());

type Item = {
  at: string;
  gateway: object | null;
  kind: string;
  subject: string;
  outcome: string | null;
  reason: string | null;
  detail: string | null;
};

async function timelineOf(orderNo: OrderNo): Promise<Item[]> {
  const path = `/v1/orders/${orderNo}/timeline?mchid=${saga.mchid}`;
  const body: unknown = (await saga.call('GET', path, undefined, saga.operatorKey)).body;
  const { items } = body as { items: Item[] };
  const times = items.map(({ at }) => at);
  expect(times).toEqual(times.toSorted());
  return items;
}

const refusal = (on: 'prepay' | 'close' | 'refund', code: string, outTradeNo: OrderNo) =>
  saga.gateway.fault({
    ...{ on, kind: 'error', status: 400, code, message: `${code} in words`, effect: false, times: 0, outTradeNo },
    ...{ detail: { field: '/amount', issue: 'is not as it should be' } },
  });

const refusedWith = (code: string) => {
  const detail = { field: '/amount', issue: 'is not as it should be' };
  return { status: 400, code, message: `${code} in words`, detail };
};

/** The lines of these kinds, in their order. */
const kindsOf = (items: readonly Item[], kinds: readonly string[]): string[] =>
  items.map(({ kind }) => kind).filter((kind) => kinds.includes(kind));

async function expectStory(orderNo: OrderNo, story: readonly string[]): Promise<Item[]> {
  const items = await timelineOf(orderNo);
  expect(kindsOf(items, story)).toEqual(story);
  return items;
}

async function paidOrder(): Promise<OrderNo> {
  const { orderNo } = await saga.createOrder();
  await saga.gateway.pay(orderNo);
  await saga.orderWhen(orderNo, ({ state }) => state === 'paid');
  return orderNo;
}

it('what a call was answered stands before all that follows from it', async () => {
  const orderNo = await paidOrder();
  await saga.workflow(orderNo).result();
  await expectStory(orderNo, [
    ...['order.created', 'attempt.sent', 'call.prepay', 'attempt.opened', 'order.awaitingPayment'],
    ...['notify.payment', 'evidence.notify', 'notify.told', 'call.query', 'evidence.query'],
    ...['attempt.paid', 'order.paid', 'event.order.paid', 'delivery'],
  ]);
});

it('a refused prepay says code, words and parameter, before it closes the order', async () => {
  const orderNo = saga.newOrderNo();
  await refusal('prepay', 'PARAM_ERROR', orderNo);
  await saga.createOrder({ orderNo });
  const items = await expectStory(orderNo, ['attempt.sent', 'call.prepay', 'attempt.refused', 'order.closed']);
  const said = { reason: 'PARAM_ERROR in words', detail: '/amount: is not as it should be' };
  expect(items.find(({ kind }) => kind === 'attempt.refused')).toMatchObject({
    ...{ outcome: 'PARAM_ERROR', ...said, gateway: refusedWith('PARAM_ERROR') },
  });
  expect(items.find(({ kind }) => kind === 'call.prepay')).toMatchObject({
    ...{ outcome: 'refused', reason: said.reason, detail: `PARAM_ERROR: ${said.detail}` },
    gateway: refusedWith('PARAM_ERROR'),
  });
});

it('a page in place of an answer leaves its HTTP status wherever the order is read', async () => {
  const orderNo = saga.newOrderNo();
  const page = { kind: 'error', status: 503, effect: false, body: '<html>busy</html>' } as const;
  await saga.gateway.fault({ on: 'prepay', ...page, times: 0, outTradeNo: orderNo });
  const creating = saga.createOrder({ orderNo });
  const said = { status: 503, code: null, message: '', detail: null };
  const isSaid = ({ attempts }: Partial<OrderAnswer>): boolean => attempts?.[0]?.gateway?.status === 503;
  const order = await saga.orderWhen(orderNo, isSaid);
  expect(order.attempts[0]?.gateway).toEqual(said);
  expect(order.explain.lastAnswer).toMatchObject({ api: 'prepay', outcome: 'unknown', gateway: said });
  const items = await timelineOf(orderNo);
  expect(items.filter(({ kind }) => kind === 'call.prepay')).toContainEqual(
    expect.objectContaining({ outcome: 'unknown', gateway: said }),
  );
  await saga.gateway.repair();
  await creating;
});

it('a refused close says code, words and parameter', async () => {
  const { orderNo } = await saga.createOrder();
  await refusal('close', 'INVALID_REQUEST', orderNo);
  const closing = saga.call('POST', `/v1/orders/${orderNo}/close`);
  const refused = async () => (await timelineOf(orderNo)).find(({ kind }) => kind === 'call.close');
  expect(await until('the close', refused)).toMatchObject({
    outcome: 'refused',
    reason: 'INVALID_REQUEST in words',
    detail: 'INVALID_REQUEST: /amount: is not as it should be',
    gateway: refusedWith('INVALID_REQUEST'),
  });
  const { explain } = await saga.orderWhen(orderNo, (order) => JSON.stringify(order.explain).includes('last refused'));
  expect(explain.text.en).toMatch(
    new RegExp(`WeChat Pay last refused ${orderNo} with INVALID_REQUEST at 20[0-9-]+ [0-9:]+\\+08\\.`),
  );
  expect(explain.text.zh).toMatch(
    new RegExp(`微信支付最近一次拒绝 ${orderNo} 的原因：INVALID_REQUEST（20[0-9-]+ [0-9:]+\\+08）。`),
  );
  await saga.gateway.repair();
  await closing;
});

it('a refused refund says code, words and parameter, and its order says what to do about it', async () => {
  const orderNo = await paidOrder();
  await refusal('refund', 'USER_ACCOUNT_ABNORMAL', orderNo);
  const refundNo = `R-${orderNo}`;
  await saga.call('POST', `/v1/orders/${orderNo}/refunds`, { refundNo, amountFen: 500 });
  await until('the refusal', async () => (await saga.refund(refundNo)).state === 'rejected');
  const items = await expectStory(orderNo, [
    ...['order.paid', 'refund.requested', 'refund.applied', 'call.refund', 'call.refundQuery', 'refund.rejected'],
    'event.refund.rejected',
  ]);
  const said = { reason: 'USER_ACCOUNT_ABNORMAL in words', detail: '/amount: is not as it should be' };
  expect(items.find(({ kind }) => kind === 'refund.rejected')).toMatchObject({
    ...{ outcome: 'USER_ACCOUNT_ABNORMAL', ...said, gateway: refusedWith('USER_ACCOUNT_ABNORMAL') },
  });
  expect(items.find(({ kind }) => kind === 'call.refund')).toMatchObject({ outcome: 'refused', reason: said.reason });
  const proof = await loadOrderProof(saga.services.connection.db, { mchid: saga.mchid, orderNo });
  const gateway = { code: 'USER_ACCOUNT_ABNORMAL', message: said.reason };
  expect(proof).toMatchObject({
    refunds: [{ gateway }],
    gatewayCalls: expect.arrayContaining([
      expect.objectContaining({ gateway: expect.objectContaining(gateway) as object }),
    ]) as object,
  });
  const { explain } = await saga.orderWhen(orderNo, (order) => order.explain.waitingFor === 'shop_refund');
  expect(JSON.stringify(explain)).toContain(
    `refused the shop's refund ${refundNo} of ¥5.00 (USER_ACCOUNT_ABNORMAL): the payer's account is abnormal or gone. The shop has to pay the payer back`,
  );
});

it('a refund made elsewhere and told by a notify is kept whole, after the question about it', async () => {
  const orderNo = await paidOrder();
  const body = { outTradeNo: orderNo, refundFen: 900, notify: 'v3' };
  const made = await saga.control('POST', `/refunds?mchid=${saga.mchid}`, body);
  const { out_refund_no: refundNo } = made as { out_refund_no: string };
  await saga.orderWhen(orderNo, ({ refundedFen }) => refundedFen === 900);
  expect(await saga.refund(refundNo)).toMatchObject({
    ...{ cause: 'external', state: 'succeeded', channel: 'ORIGINAL' },
    receivedAccount: expect.stringMatching(/.+/) as string,
    acceptedAt: expect.stringMatching(/Z$/) as string,
  });
  await saga.refundWorkflow(refundNo).result();
  await expectStory(orderNo, ['notify.refund', 'call.refundQuery', 'refund.requested', 'event.refund.succeeded']);
});
