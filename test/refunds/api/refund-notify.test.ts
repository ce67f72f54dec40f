import { beforeEach, describe, expect, it } from 'vitest';
import { connect } from '../../../src/db/connection.js';
import type { RefundStatus } from '../../../src/orders/rules/gateway-answer.js';
import { TemporalUnavailable } from '../../../src/temporal/call.js';
import type { FakeNotify } from '../../http/support/fake-gateway.js';
import { moveRefund, returnPayment } from './refund-steps.js';
import { json, MCHID, textWith, useTestApp } from '../../http/support/test-app.js';

const test = useTestApp();

const PATH = `/notify/wechatpay/v3/${MCHID}`;
const FAIL = { code: 'FAIL', message: textWith(/\w/) };
let sequence = 0;
const notifyOf = (outTradeNo: string, outRefundNo: string, status: RefundStatus = 'succeeded'): FakeNotify => {
  sequence += 1;
  return { key: `refund-notify-${sequence}`, outTradeNo, refund: { outRefundNo, status } };
};
const post = (notify: FakeNotify, deps: NonNullable<Parameters<typeof test.send>[2]>['deps'] = {}) =>
  test.send('POST', PATH, { key: null, body: notify, deps });
const rows = (key: string) =>
  test.connection.sql`select kind, status, deliveries, order_no, out_refund_no from notify_inbox where key = ${key}`;

let number = '';
let refundNo = '';
beforeEach(async () => {
  number = await test.placePaidOrder();
  refundNo = `N-${number}`;
  await test.send('POST', `/v1/orders/${number}/refunds`, { body: { refundNo, amountFen: 500 } });
});

describe('a refund notify', () => {
  it('is answered 204 after its row is committed and its refund was told', async () => {
    const notify = notifyOf(number, refundNo);
    let statusWhenTold: unknown;
    test.refunds.answers.deliverEvidence = async () => {
      statusWhenTold = (await rows(notify.key))[0]?.['status'];
      return 'signalled';
    };
    const answer = await post(notify);
    expect([answer.status, await answer.text()]).toEqual([204, '']);
    expect(statusWhenTold).toBe('verified');
    expect(test.refunds.callsOf('deliverEvidence')).toEqual([
      {
        mchid: MCHID,
        orderNo: number,
        outRefundNo: refundNo,
        evidence: { outRefundNo: refundNo, refundId: `re-${refundNo}`, status: 'succeeded' },
      },
    ]);
    expect(test.orders.callsOf('deliverEvidence')).toEqual([]);
    expect(await rows(notify.key)).toEqual([
      { kind: 'refund', status: 'signalled', deliveries: 1, order_no: number, out_refund_no: refundNo },
    ]);
    expect(test.counters.read()).toEqual({ accepted: 1 });
  });

  it("of PaySaga's own refund reaches it", async () => {
    await moveRefund(test, refundNo, { state: 'rejected' });
    const own = await returnPayment(test, number);
    expect((await post(notifyOf(number, own, 'abnormal'))).status).toBe(204);
    expect(test.refunds.callsOf('deliverEvidence')).toMatchObject([
      { outRefundNo: `${number}@return`, evidence: { status: 'abnormal' } },
    ]);
  });

  it('with the key of a payment notify is another notify', async () => {
    const notify = notifyOf(number, refundNo);
    await test.send('POST', PATH, { key: null, body: { key: notify.key, outTradeNo: number } });
    expect((await post(notify)).status).toBe(204);
    expect(await rows(notify.key)).toHaveLength(2);
  });

  it('repeated after it was told is answered 204 and told to nobody', async () => {
    const notify = notifyOf(number, refundNo);
    await post(notify);
    expect((await post(notify)).status).toBe(204);
    expect(test.refunds.callsOf('deliverEvidence')).toHaveLength(1);
    expect(await rows(notify.key)).toMatchObject([{ deliveries: 2 }]);
  });

  it('of a refund that has ended becomes a duplicate', async () => {
    const notify = notifyOf(number, refundNo);
    test.refunds.answers.deliverEvidence = () => Promise.resolve('duplicate');
    expect((await post(notify)).status).toBe(204);
    expect(await rows(notify.key)).toMatchObject([{ status: 'duplicate' }]);
  });

  it('whose signal failed is answered 503, kept, and told when it is repeated', async () => {
    const notify = notifyOf(number, refundNo);
    test.refunds.answers.deliverEvidence = () => Promise.reject(new TemporalUnavailable());
    const failed = await post(notify);
    expect([failed.status, await json(failed)]).toEqual([503, FAIL]);
    expect(await rows(notify.key)).toMatchObject([{ status: 'verified' }]);
    test.refunds.answers = {};
    expect((await post(notify)).status).toBe(204);
    expect(await rows(notify.key)).toMatchObject([{ status: 'signalled', deliveries: 2 }]);
  });

  it('while the database cannot be reached is answered 503', async () => {
    const gone = connect('postgres://nobody@127.0.0.1:1/nowhere', { max: 1 });
    const answer = await post(notifyOf(number, refundNo), { connection: gone });
    await gone.close();
    expect([answer.status, await json(answer)]).toEqual([503, FAIL]);
    expect(test.refunds.callsOf('deliverEvidence')).toEqual([]);
  });

  it.each(['somebody else’s refund', 'R-elsewhere', 'A-1001*2@return*3'])(
    'of a refund PaySaga never made (%s) makes its order look again',
    async (outRefundNo) => {
      const notify = notifyOf(number, outRefundNo);
      expect((await post(notify)).status).toBe(204);
      expect(test.orders.callsOf('recheck')).toEqual([{ mchid: MCHID, orderNo: number }]);
      const told = outRefundNo.includes(' ')
        ? []
        : [expect.objectContaining({ orderNo: number, outRefundNo }) as unknown];
      expect(test.refunds.callsOf('deliverEvidence')).toEqual(told);
      expect(await rows(notify.key)).toMatchObject([{ status: 'signalled', out_refund_no: outRefundNo }]);
    },
  );

  it('of neither an order nor a refund that is known is kept and answered 404', async () => {
    const notify = notifyOf('B-8888888', 'R-elsewhere');
    const answer = await post(notify);
    expect([answer.status, await json(answer)]).toEqual([404, FAIL]);
    expect(await rows(notify.key)).toMatchObject([{ status: 'unmatched', order_no: null }]);
    expect(test.orders.callsOf('recheck')).toEqual([]);
    expect(test.counters.read()).toEqual({ unmatched: 1 });
  });

  it.each(['bad_signature', 'undecryptable', 'wrong_merchant'] as const)('(%s) is not believed', async (rejected) => {
    const notify = { ...notifyOf(number, refundNo), rejected };
    const answer = await post(notify);
    expect([answer.status, await json(answer)]).toEqual([401, FAIL]);
    expect(await rows(notify.key)).toEqual([]);
    expect(test.refunds.callsOf('deliverEvidence')).toEqual([]);
  });
});

describe('in the inbox', () => {
  type Row = { id: string; status: string };
  const inboxRow = async (key: string, kept: string) => {
    const page = await json<{ items: (Row & { key: string })[] }>(await test.send('GET', '/v1/inbox', { key }));
    return page.items.find((row) => row.key === kept);
  };

  it('a refund notify shows its refund, and no payment', async () => {
    const { key } = await test.operatorKey();
    const notify = notifyOf(number, refundNo);
    await post(notify);
    expect(await inboxRow(key, notify.key)).toMatchObject({
      kind: 'refund',
      outRefundNo: refundNo,
      outTradeNo: number,
      orderNo: number,
      transactionId: null,
      amountFen: null,
      status: 'signalled',
    });
  });

  it('it is redriven to its refund, and who asked is kept', async () => {
    const { key } = await test.operatorKey();
    const notify = notifyOf(number, refundNo);
    test.refunds.answers.deliverEvidence = () => Promise.reject(new TemporalUnavailable());
    await post(notify);
    test.refunds.answers = {};
    const row = await inboxRow(key, notify.key);
    const answer = await test.send('POST', `/v1/inbox/${row?.id ?? ''}/redrive`, { key, body: { reason: 'outage' } });
    expect([answer.status, await json(answer)]).toMatchObject([200, { kind: 'refund', status: 'signalled' }]);
    expect(test.refunds.callsOf('deliverEvidence')).toHaveLength(2);
    expect(await test.actionsOf(number)).toMatchObject([
      { action: 'redrive', parameters: { inboxId: row?.id }, reason: 'outage', outcome: 'signalled' },
    ]);
  });
});
