import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { control, type Credentials, type Json } from '../support/client.js';
import { fetchBill, moveTo, paid } from '../support/bill.js';
import { newRefundNo } from '../support/refund.js';
import { newNumber } from '../support/trade.js';
import { useSandbox } from '../support/use-sandbox.js';
import { callV2, type OverridesV2, type ReplyV2 } from './support/client.js';
import { refundOrder } from './support/refund.js';
import { paidOrder } from './support/trade.js';

const { sandbox, merchant } = useSandbox();
let date = '';
let order: { outTradeNo: string; transactionId: string };

/** A day with an order of API v2 and a refund of it, and one of API v3. */
beforeAll(async () => {
  await moveTo(sandbox, 1);
  order = await paidOrder(
    sandbox,
    merchant,
    { openid: 'oPayer' },
    { attach: 'mine, and yours', device_info: 'till 1' },
  );
  await refundOrder(sandbox, merchant, order.outTradeNo, newRefundNo(), { refund_fee: '500' });
  await paid(sandbox, merchant, newNumber(), 700);
  date = await moveTo(sandbox, 0, '23:00:00');
  await moveTo(sandbox, 1);
});

type Given = Record<string, string | undefined>;
const compact = () => date.replaceAll('-', '');
const tradeBill = (more: Given = {}, overrides: OverridesV2 = {}): Promise<ReplyV2> =>
  callV2(sandbox, merchant, '/pay/downloadbill', { bill_date: compact(), bill_type: 'ALL', ...more }, overrides);
const fundBill = (more: Given = {}, overrides: OverridesV2 = {}): Promise<ReplyV2> => {
  const fields = { bill_date: compact(), account_type: 'Basic', sign_type: 'HMAC-SHA256', ...more };
  return callV2(sandbox, merchant, '/pay/downloadfundflow', fields, overrides);
};
const faults = (...list: Json[]) => control(sandbox, 'PUT', '/faults', list);
const rows = ({ text }: ReplyV2) =>
  text
    .split('\r\n')
    .filter((line) => line.startsWith('`'))
    .slice(0, -1);

describe('downloadbill', () => {
  it('answers the very file of API v3, plain and zipped', async () => {
    for (const [type, count] of [
      ['ALL', 3],
      ['SUCCESS', 2],
      ['REFUND', 1],
    ] as const) {
      const { bytes } = await fetchBill(sandbox, merchant, 'tradebill', date, `&bill_type=${type}`);
      const plain = await tradeBill({ bill_type: type });
      expect([plain.status, plain.headers['content-type']]).toEqual([200, 'text/plain']);
      expect(plain.bytes).toEqual(bytes);
      expect(rows(plain)).toHaveLength(count);
      const zipped = await tradeBill({ bill_type: type, tar_type: 'GZIP' });
      expect(zipped.headers['content-type']).toBe('application/x-gzip');
      expect(gunzipSync(zipped.bytes)).toEqual(bytes);
    }
  });

  it('has the orders and refunds of API v2 as it has those of API v3', async () => {
    const bill = await fetchBill(sandbox, merchant, 'tradebill', date);
    const [payment, refund] = bill.rows.filter((row) => row['商户订单号'] === order.outTradeNo);
    expect(payment).toMatchObject({
      微信订单号: order.transactionId,
      公众账号ID: merchant.appid,
      设备号: 'till 1',
      用户标识: 'oPayer',
      交易类型: 'NATIVE',
      交易状态: 'SUCCESS',
      商品名称: '龙井茶 250 g',
      商户数据包: 'mine\\  and yours',
      订单金额: '12.00',
      手续费: '0.07000',
    });
    expect(refund).toMatchObject({ 交易状态: 'REFUND', 申请退款金额: '5.00', 退款类型: 'ORIGINAL' });
  });

  it('says what is missing as XML that nobody signed', async () => {
    const said = async (more: Given, overrides: OverridesV2 = {}) => {
      const { status, headers, fields } = await tradeBill(more, overrides);
      expect([status, headers['content-type'], fields['return_code'], 'sign' in fields]).toEqual([
        ...[200, 'text/plain', 'FAIL', false],
      ]);
      return [fields['return_msg'], fields['error_code']];
    };
    const none = ['No Bill Exist', '20002'];
    expect(await said({ bill_date: '20200101' })).toEqual(['invalid bill_date', '20001']);
    expect(await said({ bill_date: date })).toEqual(['invalid bill_date', '20001']);
    expect(await said({ bill_type: 'MINE' })).toEqual(['invalid bill_type', '20001']);
    expect(await said({ tar_type: 'ZIP' })).toEqual(['invalid tar_type', '20001']);
    expect(await said({}, { key: 'k'.repeat(32) })).toEqual(['sign error', '20001']);
    expect(await said({ appid: undefined })).toEqual(['缺少参数appid', 'LACK_PARAMS']);
    const dayBefore = new Date(Date.parse(date) - 86_400_000).toISOString().slice(0, 10).replaceAll('-', '');
    expect(await said({ bill_date: dayBefore })).toEqual(none);
    await faults({ on: 'bill', kind: 'creating' });
    expect((await said({}))[0]).toBe('Bill Creating');
    expect((await tradeBill()).text).toContain('交易时间');
  });
});

describe('downloadfundflow', () => {
  it('answers the very file of API v3 with its digest', async () => {
    const { bytes } = await fetchBill(sandbox, merchant, 'fundflowbill', date);
    const sha1 = createHash('sha1').update(bytes).digest('hex');
    const plain = await fundBill();
    expect(plain.bytes).toEqual(bytes);
    expect(plain.headers['digest']).toBe(`SHA=${sha1}`);
    const zipped = await fundBill({ tar_type: 'GZIP' });
    expect(gunzipSync(zipped.bytes)).toEqual(bytes);
    expect(zipped.headers['digest']).toBe(`SHA=${sha1}`);
  });

  it('wants a client certificate and HMAC-SHA256, and a bill that there is', async () => {
    expect((await fundBill({}, { certificateOf: null })).status).toBe(400);
    const codeOf = async (more: Given) => (await fundBill(more)).fields;
    expect(await codeOf({ sign_type: 'MD5' })).toMatchObject({ result_code: 'FAIL', err_code: 'PARAM_ERROR' });
    expect(await codeOf({ account_type: 'Operation' })).toEqual({
      return_code: 'SUCCESS',
      result_code: 'FAIL',
      err_code: 'NO_BILL_EXIST',
      err_code_des: '账单不存在',
    });
    expect(await codeOf({ account_type: 'Mine' })).toMatchObject({ err_code: 'PARAM_ERROR' });
    await faults({ on: 'bill', bill: 'fundflow', kind: 'creating' });
    expect(await codeOf({})).toMatchObject({ err_code: 'BILL_CREATING' });
  });
});

describe('a fault', () => {
  it('is in the file that this call answers', async () => {
    const whole = (await tradeBill()).bytes;
    await faults(
      { on: 'bill', kind: 'missingLine', outTradeNo: order.outTradeNo },
      { on: 'bill', kind: 'extraLine' },
      { on: 'bill', kind: 'alteredLine', outTradeNo: order.outTradeNo, column: '订单金额', value: '99.00' },
      { on: 'bill', kind: 'truncated' },
    );
    expect(rows(await tradeBill())).toHaveLength(2);
    expect(rows(await tradeBill())).toHaveLength(4);
    expect((await tradeBill()).text).toContain('`99.00');
    expect((await tradeBill()).bytes).toEqual(whole.subarray(0, -64));
    expect((await tradeBill()).bytes).toEqual(whole);
  });

  it('of the hash waits for a file that has one, and a forged signature for an answer that is signed', async () => {
    const placed = await control<Json[]>(sandbox, 'PUT', '/faults', [
      { on: 'bill', kind: 'badSignature' },
      { on: 'bill', kind: 'wrongHash' },
    ]);
    const whole = (await tradeBill()).bytes;
    const { bytes, headers } = await fundBill();
    expect(headers['digest']).not.toBe(`SHA=${createHash('sha1').update(bytes).digest('hex')}`);
    expect(await control<Json[]>(sandbox, 'GET', '/faults')).toMatchObject([
      { id: placed[0]?.['id'], left: 1 },
      { left: 0 },
    ]);
    expect((await tradeBill()).bytes).toEqual(whole);
  });

  it('of one trade or kind of bill waits for it', async () => {
    const other = await control<Credentials>(sandbox, 'POST', '/merchants', {});
    await control(sandbox, 'PUT', `/faults?mchid=${other.mchid}`, [{ on: 'bill', kind: 'http500' }]);
    await faults(
      { on: 'bill', kind: 'http500', bill: 'fundflow' },
      {
        on: 'bill',
        kind: 'error',
        status: 429,
        code: 'FREQUENCY_LIMITED',
        effect: false,
        outTradeNo: order.outTradeNo,
      },
    );
    expect((await tradeBill({ bill_type: 'REFUND' })).fields).toMatchObject({
      ...{ return_code: 'FAIL', error_code: 'FREQUENCY_LIMITED' },
    });
    expect((await tradeBill()).status).toBe(200);
    expect((await fundBill()).status).toBe(500);
  });
});
