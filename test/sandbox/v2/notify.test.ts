import { createDecipheriv, createHash } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { control, type Json } from '../support/client.js';
import type { Received } from '../support/receiver.js';
import { applyRefund, newRefundNo, paidTrade, refundBody } from '../support/refund.js';
import { newNumber } from '../support/trade.js';
import { useReceiver, useSandbox } from '../support/use-sandbox.js';
import { until } from '../../support/until.js';
import { fieldsOf, isSignedV2, type Fields } from './support/client.js';
import { refundOrder } from './support/refund.js';
import { advance, orderQuery, paidOrder, unifiedOrder } from './support/trade.js';

const { sandbox, merchant } = useSandbox();
const receiver = useReceiver();
const ok = '<xml><return_code><![CDATA[SUCCESS]]></return_code><return_msg><![CDATA[OK]]></return_msg></xml>';

beforeEach(async () => {
  await control(sandbox, 'DELETE', '/faults');
  receiver.answer = 200;
  receiver.answerBody = ok;
});

const faults = (...list: Json[]) => control(sandbox, 'PUT', '/faults', list);
const logOf = async (outTradeNo: string) =>
  (await control<Json[]>(sandbox, 'GET', '/notifies')).filter((row) => row['out_trade_no'] === outTradeNo);
const delivered = (outTradeNo: string, count: number) =>
  until('the deliveries', async () => {
    const rows = await logOf(outTradeNo);
    return rows.length >= count && rows;
  });

/** What comes while `act` is done. */
async function arriving(act: () => Promise<unknown>): Promise<Received> {
  const count = receiver.received.length;
  await act();
  const received = (await receiver.atLeast(count + 1))[count];
  if (!received) throw new Error('nothing came');
  return received;
}

/** The notify of an order, paid now. */
async function paid(more: Record<string, string | undefined> = {}, pay: Json = {}) {
  let outTradeNo = '';
  const received = await arriving(async () => {
    ({ outTradeNo } = await paidOrder(sandbox, merchant, pay, { notify_url: receiver.url, ...more }));
  });
  return { outTradeNo, received, fields: fieldsOf(received.text) };
}

/** The notify of a refund of a paid order, settled now. */
async function refunded(status = 'SUCCESS', fault: Json[] = []) {
  const { outTradeNo } = await paidOrder(sandbox, merchant, { couponFen: 200 });
  await delivered(outTradeNo, 1);
  await faults(...fault);
  const outRefundNo = newRefundNo();
  await control(sandbox, 'PUT', '/settings', { refundDelayMs: 86_400_000 });
  await refundOrder(sandbox, merchant, outTradeNo, outRefundNo, { refund_fee: '600', notify_url: receiver.url });
  const settle = `/refunds/${encodeURIComponent(outRefundNo)}/settle`;
  const received = await arriving(() => control(sandbox, 'POST', settle, { status }));
  return { outTradeNo, outRefundNo, received, fields: fieldsOf(received.text) };
}

/** By the protocol's own words: the key is the MD5 of the API v2 key, in lower case. */
function opened({ req_info = '' }: Fields, key = merchant.apiV2Key): Fields {
  const secret = createHash('md5').update(key).digest('hex').toLowerCase();
  const decipher = createDecipheriv('aes-256-ecb', secret, '');
  const xml = decipher.update(req_info, 'base64', 'utf8') + decipher.final('utf8');
  expect(xml).toMatch(/^<root>.*<\/root>$/s);
  return fieldsOf(xml);
}

describe('a payment notify', () => {
  it.each(['MD5', 'HMAC-SHA256'])(
    'is XML, signed with the type of its prepay, %s, and says what a query says',
    async (sign_type) => {
      const { outTradeNo, received, fields } = await paid({ sign_type, attach: 'a&b<c>' }, { couponFen: 200 });
      expect(received.headers['content-type']).toBe('text/xml');
      expect(received.text).toMatch(/^<xml>/);
      expect(isSignedV2(fields, merchant.apiV2Key)).toBe(true);
      expect(fields['sign']).toHaveLength(sign_type === 'MD5' ? 32 : 64);
      expect(fields['sign_type']).toBe(sign_type === 'MD5' ? undefined : sign_type);
      const queried = (await orderQuery(sandbox, merchant, outTradeNo)).fields;
      const { nonce_str: _nonce, sign: _sign, trade_state, trade_state_desc: _desc, ...said } = queried;
      expect(trade_state).toBe('SUCCESS');
      expect(fields).toMatchObject({ ...said, result_code: 'SUCCESS', attach: 'a&b<c>' });
      expect(fields).not.toHaveProperty('trade_state');
      expect(await delivered(outTradeNo, 1)).toMatchObject([{ event_type: 'TRANSACTION.SUCCESS', status: 200 }]);
    },
  );

  it('is signed with the type of the latest prepay', async () => {
    const outTradeNo = newNumber();
    for (const sign_type of ['MD5', 'HMAC-SHA256']) {
      const made = await unifiedOrder(sandbox, merchant, outTradeNo, { sign_type, notify_url: receiver.url });
      expect(made.fields['result_code']).toBe('SUCCESS');
    }
    const told = await arriving(() => control(sandbox, 'POST', '/pay', { outTradeNo }));
    expect(fieldsOf(told.text)['sign']).toHaveLength(64);
  });

  it('of an order of API v3 stays one of API v3', async () => {
    const received = await arriving(() => paidTrade(sandbox, merchant, {}, { notify_url: receiver.url }));
    expect(received.json['event_type']).toBe('TRANSACTION.SUCCESS');
  });

  it.each([
    [200, ''],
    [200, 'success'],
    [204, ''],
    [200, '<xml><return_code><![CDATA[FAIL]]></return_code></xml>'],
    [200, '<xml><result>SUCCESS</result></xml>'],
    [200, '<!DOCTYPE xml><xml><return_code>SUCCESS</return_code></xml>'],
    [200, `<xml><return_code>SUCCESS</return_code><x>${'x'.repeat(70_000)}</x></xml>`],
    [500, ''],
  ])('answered with %s %j comes again until the body says SUCCESS', async (status, body) => {
    receiver.answer = status;
    receiver.answerBody = body;
    const { outTradeNo } = await paid();
    await delivered(outTradeNo, 1);
    receiver.answer = 200;
    receiver.answerBody = ok;
    await arriving(() => advance(sandbox, 15));
    const rows = await delivered(outTradeNo, 2);
    expect(rows.map((row) => [row['attempt'], row['status']])).toEqual([
      [1, status],
      [2, 200],
    ]);
    expect(rows.map((row) => row['reason'])).toEqual([
      status < 300 ? 'the answer does not accept it' : undefined,
      undefined,
    ]);
    await advance(sandbox, 90_000);
    expect(await logOf(outTradeNo)).toHaveLength(2);
  });

  it('is accepted by the body, whatever the status', async () => {
    receiver.answer = 500;
    const { outTradeNo } = await paid();
    await delivered(outTradeNo, 1);
    await advance(sandbox, 90_000);
    expect(await logOf(outTradeNo)).toMatchObject([{ status: 500 }]);
  });

  it('comes signed with another key, or with another amount', async () => {
    const strike = async (fault: Json) => {
      await faults({ on: 'notify', ...fault });
      return (await paid({}, { couponFen: 200 })).fields;
    };
    for (const kind of ['badSignature', 'wrongKey']) {
      const forged = await strike({ kind });
      expect(forged['sign']).toMatch(/^[0-9A-F]{32}$/);
      expect(isSignedV2(forged, merchant.apiV2Key)).toBe(false);
    }
    const wrong = await strike({ kind: 'wrongAmount' });
    expect([wrong['total_fee'], wrong['cash_fee'], isSignedV2(wrong, merchant.apiV2Key)]).toEqual([
      '1201',
      '1001',
      true,
    ]);
    expect((await strike({ kind: 'wrongAmount', totalFen: 5 }))['total_fee']).toBe('5');
  });

  it('is lost, late and doubled like one of API v3, and never a signature probe', async () => {
    await faults({ on: 'notify', kind: 'drop' });
    const { outTradeNo: lost } = await paidOrder(sandbox, merchant, {}, { notify_url: receiver.url });
    expect(await delivered(lost, 1)).toMatchObject([{ status: null }]);
    await arriving(() => advance(sandbox, 15));
    await faults({ on: 'notify', kind: 'duplicate' }, { on: 'notify', kind: 'signTest' });
    const { outTradeNo: twice } = await paid();
    expect(await delivered(twice, 2)).toMatchObject([{ attempt: 1 }, { attempt: 1 }]);
    const { fields } = await paid();
    expect(isSignedV2(fields, merchant.apiV2Key)).toBe(true);
    expect(await control<Json[]>(sandbox, 'GET', '/faults')).toMatchObject([{ left: 0 }, { left: 1 }]);
  });
});

describe('a refund notify', () => {
  it.each([
    ['SUCCESS', 'SUCCESS'],
    ['ABNORMAL', 'CHANGE'],
    ['CLOSED', 'REFUNDCLOSE'],
  ])('of %s hides %s under the key, and nothing of it is signed', async (status, refund_status) => {
    const { outTradeNo, outRefundNo, fields } = await refunded(status);
    expect(Object.keys(fields).sort()).toEqual([
      'appid',
      'mch_id',
      'nonce_str',
      'req_info',
      'return_code',
      'return_msg',
    ]);
    expect(fields).toMatchObject({ return_code: 'SUCCESS', appid: merchant.appid, mch_id: merchant.mchid });
    const secret = opened(fields);
    expect(secret).toMatchObject({
      out_trade_no: outTradeNo,
      out_refund_no: outRefundNo,
      refund_id: expect.stringMatching(/^50\d+$/) as string,
      transaction_id: expect.stringMatching(/^42\d+$/) as string,
      total_fee: '1200',
      refund_fee: '600',
      settlement_refund_fee: '600',
      cash_refund_fee: '500',
      refund_status,
      refund_recv_accout: '支付用户零钱',
      refund_account: 'REFUND_SOURCE_UNSETTLED_FUNDS',
      refund_request_source: 'API',
    });
    expect('success_time' in secret).toBe(status === 'SUCCESS');
    expect((await delivered(outTradeNo, 2)).at(-1)).toMatchObject({
      ...{ event_type: `REFUND.${status}`, out_refund_no: outRefundNo, status: 200 },
    });
  });

  it('goes over the API of its request, not over that of the order', async () => {
    const { outTradeNo } = await paidOrder(sandbox, merchant);
    await control(sandbox, 'PUT', '/settings', { refundDelayMs: 0 });
    const body = refundBody(outTradeNo, newRefundNo(), 600, { notify_url: receiver.url });
    const received = await arriving(() => applyRefund(sandbox, merchant, body));
    expect(received.json['event_type']).toBe('REFUND.SUCCESS');
  });

  it('of a refund made in the merchant platform comes over the API that it is wanted in, of an order of API v3 too', async () => {
    const { outTradeNo } = await paidTrade(sandbox, merchant, {}, { notify_url: receiver.url });
    await delivered(outTradeNo, 1);
    await control(sandbox, 'PUT', '/settings', { refundDelayMs: 0 });
    const made = { outTradeNo, refundFen: 100, outRefundNo: newRefundNo() };
    const received = await arriving(() => control(sandbox, 'POST', '/refunds', { ...made, notify: 'v2' }));
    expect(opened(fieldsOf(received.text))).toMatchObject({
      out_refund_no: made.outRefundNo,
      refund_fee: '100',
      refund_request_source: 'VENDOR_PLATFORM',
    });
  });

  it('comes under another key, and with another amount', async () => {
    for (const kind of ['wrongKey', 'badSignature']) {
      const { fields } = await refunded('SUCCESS', [{ on: 'notify', kind }]);
      expect(() => expect(opened(fields)).toHaveProperty('refund_status')).toThrow();
    }
    const { fields } = await refunded('SUCCESS', [{ on: 'notify', kind: 'wrongAmount' }]);
    expect(opened(fields)).toMatchObject({
      refund_fee: '601',
      cash_refund_fee: '501',
      total_fee: '1200',
    });
  });
});
