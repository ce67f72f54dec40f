import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { call, control, header, open, tryControl, verified, type Json } from './support/client.js';
import { startReceiver, type Received, type Receiver } from './support/receiver.js';
import { applyRefund, newRefundNo, paidTrade, queryRefund, refundBody } from './support/refund.js';
import { close, prepay, query } from './support/trade.js';
import { useSandbox } from './support/use-sandbox.js';

const { sandbox, merchant } = useSandbox();
let receiver: Receiver;
let outTradeNo: string;
const receivers: Receiver[] = [];

/** No refund succeeds by itself before the clock is moved. */
const dayMs = 86_400_000;

beforeEach(async () => {
  receiver = await startReceiver();
  receivers.push(receiver);
  await delay(dayMs);
  ({ outTradeNo } = await paidTrade(sandbox, merchant));
});
afterAll(async () => {
  for (const each of receivers) await each.close();
});

const delay = (refundDelayMs: number) => control(sandbox, 'PUT', '/settings', { refundDelayMs });
const advance = (seconds: number) => control(sandbox, 'POST', '/clock', { advanceSeconds: seconds });
const settle = (outRefundNo: string, status: string) =>
  tryControl(sandbox, 'POST', `/refunds/${encodeURIComponent(outRefundNo)}/settle`, { status });
const statusOf = async (outRefundNo: string) => (await queryRefund(sandbox, merchant, outRefundNo)).json['status'];
const stateOfTrade = async () => (await query(sandbox, merchant, outTradeNo)).json['trade_state'];
const message = (received: Received | undefined) => open(received?.json.resource ?? {}, merchant.apiV3Key);

async function refunded(fen = 1200, more: Json = {}, headers: Record<string, string> = {}): Promise<string> {
  const outRefundNo = newRefundNo();
  const body = refundBody(outTradeNo, outRefundNo, fen, { notify_url: receiver.url, ...more });
  const reply = await applyRefund(sandbox, merchant, body, { headers });
  expect(reply).toMatchObject({ status: 200, json: { status: 'PROCESSING' } });
  return outRefundNo;
}

describe('a refund', () => {
  it('succeeds by itself after refundDelayMs', async () => {
    await delay(0);
    const outRefundNo = await refunded();
    await receiver.atLeast(1);
    expect((await queryRefund(sandbox, merchant, outRefundNo)).json).toMatchObject({
      status: 'SUCCESS',
      channel: 'ORIGINAL',
      success_time: expect.stringMatching(/\+08:00$/) as string,
    });
  });

  it('succeeds when the clock has moved over refundDelayMs, at the moment it was due', async () => {
    await delay(600_000);
    const outRefundNo = await refunded();
    const { json: begun } = await queryRefund(sandbox, merchant, outRefundNo);
    expect(begun).toMatchObject({ status: 'PROCESSING' });
    expect(begun).not.toHaveProperty('success_time');
    await advance(300);
    expect(await statusOf(outRefundNo)).toBe('PROCESSING');
    await advance(86_400);
    const { json } = await queryRefund(sandbox, merchant, outRefundNo);
    expect(json['status']).toBe('SUCCESS');
    expect(Date.parse(String(json['success_time'])) - Date.parse(String(begun['create_time']))).toBe(600_000);
  });

  it.each<[string[], string, number]>([
    [['SUCCESS'], 'SUCCESS', 200],
    [['ABNORMAL'], 'ABNORMAL', 200],
    [['CLOSED'], 'CLOSED', 200],
    [['ABNORMAL', 'SUCCESS'], 'SUCCESS', 200],
    [['ABNORMAL', 'CLOSED'], 'CLOSED', 200],
    [['ABNORMAL', 'ABNORMAL'], 'ABNORMAL', 409],
    [['SUCCESS', 'CLOSED'], 'SUCCESS', 409],
    [['SUCCESS', 'SUCCESS'], 'SUCCESS', 409],
    [['CLOSED', 'SUCCESS'], 'CLOSED', 409],
  ])('settled %j is %s, the last answered with %i', async (statuses, status, answer) => {
    const outRefundNo = await refunded();
    const replies = [];
    for (const wanted of statuses) replies.push(await settle(outRefundNo, wanted));
    const last = replies.at(-1);
    expect(last?.status).toBe(answer);
    expect(last?.json).toMatchObject(answer === 409 ? { reason: status.toLowerCase() } : { status });
    const { json } = await queryRefund(sandbox, merchant, outRefundNo);
    expect([json['status'], 'success_time' in json]).toEqual([status, status === 'SUCCESS']);
    await advance(2 * 86_400);
    expect(await statusOf(outRefundNo)).toBe(status);
  });

  it('that nobody asked for cannot be settled', async () => {
    expect(await settle('unknown', 'SUCCESS')).toMatchObject({ status: 404, json: { code: 'unknown_refund' } });
    expect((await settle(await refunded(), 'PROCESSING')).status).toBe(400);
  });

  it('makes its trade REFUND until the last one is closed', async () => {
    const before = (await query(sandbox, merchant, outTradeNo)).json;
    const first = await refunded(1);
    expect((await query(sandbox, merchant, outTradeNo)).json).toEqual({
      ...before,
      trade_state: 'REFUND',
      trade_state_desc: '转入退款',
    });
    expect(await control<Json[]>(sandbox, 'GET', '/trades')).toContainEqual(
      expect.objectContaining({ out_trade_no: outTradeNo, trade_state: 'REFUND', total: 1200 }),
    );
    await advance(61);
    const second = await refunded(1);
    await settle(first, 'CLOSED');
    expect(await stateOfTrade()).toBe('REFUND');
    await settle(second, 'CLOSED');
    expect((await query(sandbox, merchant, outTradeNo)).json).toEqual(before);
  });

  it('leaves its trade a paid one: it cannot be paid, ordered or closed again', async () => {
    const { transaction_id } = (await query(sandbox, merchant, outTradeNo)).json;
    await refunded(1);
    expect(await tryControl(sandbox, 'POST', '/pay', { outTradeNo, force: true })).toMatchObject({
      status: 409,
      json: { reason: 'paid' },
    });
    for (const reply of [await prepay(sandbox, merchant, outTradeNo), await close(sandbox, merchant, outTradeNo)]) {
      expect(reply.json['code']).toBe('ORDER_PAID');
    }
    const byId = `/v3/pay/transactions/id/${String(transaction_id)}?mchid=${merchant.mchid}`;
    expect((await call(sandbox, merchant, 'GET', byId)).json).toMatchObject({ trade_state: 'REFUND', transaction_id });
    await control(sandbox, 'PUT', '/faults', [{ on: 'query', kind: 'stale' }]);
    expect((await call(sandbox, merchant, 'GET', byId)).json).toMatchObject({ trade_state: 'SUCCESS', transaction_id });
  });
});

describe('a refund notify', () => {
  it.each(['SUCCESS', 'ABNORMAL', 'CLOSED'])('REFUND.%s is the signed envelope around the refund', async (status) => {
    const outRefundNo = await refunded(500);
    const { json } = await settle(outRefundNo, status);
    const [received] = await receiver.atLeast(1);
    expect(received?.json).toMatchObject({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      create_time: expect.stringMatching(/\+08:00$/) as string,
      event_type: `REFUND.${status}`,
      resource_type: 'encrypt-resource',
      resource: { original_type: 'refund', algorithm: 'AEAD_AES_256_GCM', associated_data: 'refund' },
    });
    const shown = (await queryRefund(sandbox, merchant, outRefundNo)).json;
    expect(message(received)).toEqual({
      mchid: merchant.mchid,
      transaction_id: shown['transaction_id'],
      out_trade_no: outTradeNo,
      refund_id: json['refund_id'],
      out_refund_no: outRefundNo,
      refund_status: status,
      ...(status === 'SUCCESS' ? { success_time: shown['success_time'] } : {}),
      user_received_account: '支付用户零钱',
      amount: { total: 1200, refund: 500, payer_total: 1200, payer_refund: 500 },
    });
    expect(verified(received?.headers ?? {}, received?.text ?? '', merchant.platformCertificatePem)).toBe(true);
  });

  it('is retried like a payment notify and listed with its refund', async () => {
    receiver.answer = (count) => (count === 1 ? 500 : 204);
    const outRefundNo = await refunded();
    await settle(outRefundNo, 'SUCCESS');
    const log = () => control<Json[]>(sandbox, 'GET', '/notifies');
    const ofRefund = async () => (await log()).filter((row) => row['out_refund_no'] === outRefundNo);
    await expect.poll(async () => (await ofRefund()).length).toBe(1);
    await advance(15);
    await expect.poll(async () => (await ofRefund()).length).toBe(2);
    const row = { mchid: merchant.mchid, event_type: 'REFUND.SUCCESS', out_trade_no: outTradeNo, url: receiver.url };
    expect(await ofRefund()).toMatchObject([
      { ...row, attempt: 1, status: 500 },
      { ...row, attempt: 2, status: 204 },
    ]);
    expect(new Set(receiver.received.map(({ json }) => json.id)).size).toBe(1);
  });

  it('is signed with the key that the refund request named', async () => {
    await settle(await refunded(1, {}, { 'Wechatpay-Serial': merchant.publicKeyId }), 'SUCCESS');
    const [received] = await receiver.atLeast(1);
    expect(header(received?.headers ?? {}, 'wechatpay-serial')).toBe(merchant.publicKeyId);
    expect(verified(received?.headers ?? {}, received?.text ?? '', merchant.publicKeyPem)).toBe(true);
  });

  it('is not sent for a refund that named no URL', async () => {
    await settle(await refunded(1, { notify_url: undefined }), 'SUCCESS');
    await advance(61);
    const told = await refunded(2);
    await settle(told, 'SUCCESS');
    await receiver.atLeast(1);
    const answered = async () =>
      (await control<Json[]>(sandbox, 'GET', '/notifies')).some((row) => row['out_refund_no'] === told);
    await expect.poll(answered).toBe(true);
    await advance(86_400);
    expect(receiver.received.map((received) => message(received)['out_refund_no'])).toEqual([told]);
    const log = await control<Json[]>(sandbox, 'GET', '/notifies');
    const ofTrade = log.filter((row) => row['out_trade_no'] === outTradeNo && row['event_type'] === 'REFUND.SUCCESS');
    expect(ofTrade.map((row) => row['out_refund_no'])).toEqual([told]);
  });

  it('comes in the order of time when the clock moves over several refunds', async () => {
    await delay(600_000);
    const late = await refunded(1);
    await delay(60_000);
    await advance(61);
    const soon = await refunded(2);
    await advance(3600);
    await receiver.atLeast(2);
    expect(receiver.received.map((received) => message(received)['out_refund_no'])).toEqual([soon, late]);
  });
});
