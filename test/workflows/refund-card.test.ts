import { afterEach, beforeAll, expect, it } from 'vitest';
import { PaySaga } from '../../src/client/client.js';
import { completedTasks, eventsOf } from '../support/history.js';
import { refunding } from '../support/refunds.js';
import { resetRun } from '../support/reset.js';
import { useSaga } from '../support/saga.js';
import { until } from '../support/until.js';

/** Where an abnormal refund's money goes, when more than one request or run says it. */
const saga = useSaga({});
const refunds = refunding(saga);
beforeAll(() => saga.gateway.refundDelay(24 * 3_600_000));
afterEach(() => saga.gateway.repair());

const card = { bankType: 'CMB_DEBIT', bankAccount: '6225760000000001', realName: '李雷' } as const;
const otherCard = { ...card, bankAccount: '6225760000000002' };

async function abnormal() {
  const orderNo = await refunds.paid();
  const refundNo = await refunds.ask(orderNo, 1200);
  await refunds.when(refundNo, ({ state }) => state === 'processing');
  await saga.gateway.settle(refundNo, 'ABNORMAL');
  await refunds.when(refundNo, ({ state }) => state === 'abnormal');
  return { orderNo, refundNo };
}

const resolve = (refundNo: string, body: object) =>
  saga.call(
    'POST',
    `/v1/refunds/${refundNo}/resolve?mchid=${saga.mchid}`,
    { action: 'abnormalRefund', reason: 'the payer sent it', ...body },
    saga.operatorKey,
  );

const outcomesOf = async (refundNo: string) => {
  const rows = await saga.services.connection.sql<{ outcome: string }[]>`
    select outcome from operator_actions where out_refund_no = ${refundNo} order by seq`;
  return rows.map(({ outcome }) => outcome);
};

/** The first request's call gets a 500 without an effect; the second request comes before it is repeated. */
async function both(orderNo: string, refundNo: string, first: object, second: object) {
  await saga.gateway.fault({ on: 'abnormalRefund', kind: 'http500', outTradeNo: orderNo, times: 1 });
  const before = await saga.gateway.calls('abnormalRefund');
  const asked = resolve(refundNo, first);
  await until('the first is on its way', async () => (await saga.gateway.calls('abnormalRefund')) > before);
  return Promise.all([asked, resolve(refundNo, second)]);
}

it.each([
  ["the payer's card", { card }, {}, '支付用户银行卡'],
  ["the merchant's card", {}, { card }, '商户结算银行账户'],
  ["one card of the payer's", { card }, { card: otherCard }, '支付用户银行卡'],
])('the money is on its way to %s: another one is refused and recorded nowhere', async (_, first, second, account) => {
  const { orderNo, refundNo } = await abnormal();
  const [done, refused] = await both(orderNo, refundNo, first, second);
  expect([done.status, done.body]).toMatchObject([200, { state: 'processing' }]);
  expect([refused.status, refused.body]).toMatchObject([503, { code: 'outcome_pending' }]);
  await saga.gateway.settle(refundNo, 'SUCCESS');
  await refunds.ended(refundNo, 'succeeded');
  expect(await saga.refund(refundNo)).toMatchObject({ receivedAccount: account });
  expect(await outcomesOf(refundNo)).toEqual(['resolved']);
});

it('the decision that was carried out is answered so, beside one that came too late', async () => {
  const { orderNo, refundNo } = await abnormal();
  const [done, late] = await both(orderNo, refundNo, {}, { action: 'paidOffline' });
  expect([done.status, late.status]).toEqual([200, 409]);
  expect((await outcomesOf(refundNo))[0]).toBe('resolved');
  expect(await refunds.atWeChat(orderNo)).toMatchObject([{ status: 'PROCESSING' }]);
});

it("a run that forgot that it sent the money to the payer's card sends it there again, or nowhere", async () => {
  const { orderNo, refundNo } = await abnormal();
  const history = () => eventsOf(saga.refundWorkflow(refundNo));
  const tasks = completedTasks(await history()).length;
  await saga.call('POST', `/v1/orders/${orderNo}/recheck?mchid=${saga.mchid}`, { reason: 'look' }, saga.operatorKey);
  await until('the run knows that it is abnormal', async () => completedTasks(await history()).length > tasks);
  expect((await resolve(refundNo, { card })).status).toBe(200);
  // The card takes it not: the same refund is abnormal again.
  await saga.gateway.settle(refundNo, 'ABNORMAL');
  await saga.orderWhen(orderNo, ({ stuckReason }) => stuckReason === 'refund_failed');
  const before = await saga.gateway.calls('abnormalRefund');
  const events = await history();
  const decided = events.findIndex((event) => event.workflowExecutionUpdateAcceptedEventAttributes);
  await resetRun(saga, saga.refundWorkflow(refundNo), completedTasks(events.slice(0, decided - 1)).at(-1));
  await until('it is sent again', async () => (await saga.gateway.calls('abnormalRefund')) > before);
  await refunds.when(refundNo, ({ state }) => state === 'processing');
  await saga.gateway.settle(refundNo, 'SUCCESS');
  await refunds.ended(refundNo, 'succeeded');
  expect(await saga.refund(refundNo)).toMatchObject({ channel: 'OTHER_BANKCARD', receivedAccount: '支付用户银行卡' });
}, 60_000);

it('a client whose answer was lost is not told that there was nothing to decide', async () => {
  const { refundNo } = await abnormal();
  let calls = 0;
  const client = new PaySaga({
    baseUrl: saga.apiUrl,
    apiKey: saga.operatorKey,
    fetch: async (...request) => {
      const answer = await fetch(...request);
      calls += 1;
      throw new Error(`lost: ${String(answer.status)}`);
    },
  });
  const decision = { action: 'abnormalRefund', card, reason: 'the payer sent it' } as const;
  await expect(client.resolveRefund({ mchid: saga.mchid, refundNo, ...decision })).rejects.toMatchObject({
    name: 'NoAnswerError',
  });
  expect(calls).toBe(1);
  expect(await outcomesOf(refundNo)).toEqual(['resolved']);
});
