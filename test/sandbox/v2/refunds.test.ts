import { beforeAll, describe, expect, it } from 'vitest';
import { control, type Credentials } from '../support/client.js';
import { applyRefund, newRefundNo, paidTrade, queryRefund, refundBody } from '../support/refund.js';
import { newNumber } from '../support/trade.js';
import { useSandbox } from '../support/use-sandbox.js';
import { isSignedV2 } from './support/client.js';
import { refundOrder, refundQuery } from './support/refund.js';
import { advance, orderQuery, paidOrder, unifiedOrder } from './support/trade.js';

const { sandbox, merchant } = useSandbox();
let other: Credentials;
beforeAll(async () => {
  other = await control<Credentials>(sandbox, 'POST', '/merchants', {});
  await control(sandbox, 'PUT', '/settings', { refundDelayMs: 86_400_000 });
});

const settle = (outRefundNo: string, status: string) =>
  control(sandbox, 'POST', `/refunds/${encodeURIComponent(outRefundNo)}/settle`, { status });
const refusalOf = async (reply: ReturnType<typeof refundOrder>) => (await reply).fields['err_code'];

describe('refund', () => {
  it('answers what goes back, and to the coupon', async () => {
    const { outTradeNo, transactionId } = await paidOrder(sandbox, merchant, { couponFen: 200 });
    const outRefundNo = newRefundNo();
    const { fields } = await refundOrder(sandbox, merchant, outTradeNo, outRefundNo, { refund_fee: '600' });
    expect(fields).toMatchObject({
      return_code: 'SUCCESS',
      result_code: 'SUCCESS',
      transaction_id: transactionId,
      out_trade_no: outTradeNo,
      out_refund_no: outRefundNo,
      refund_id: expect.stringMatching(/^50\d{27}$/) as string,
      total_fee: '1200',
      cash_fee: '1000',
      refund_fee: '600',
      cash_refund_fee: '500',
      coupon_refund_fee: '100',
      coupon_refund_count: '1',
      coupon_refund_fee_0: '100',
    });
    expect(isSignedV2(fields, merchant.apiV2Key)).toBe(true);
    expect((await orderQuery(sandbox, merchant, outTradeNo)).fields).toMatchObject({
      trade_state: 'REFUND',
      total_fee: '1200',
    });
  });

  it('happens once for its number, whatever nonce and type of signature', async () => {
    const { outTradeNo, transactionId } = await paidOrder(sandbox, merchant);
    const outRefundNo = newRefundNo();
    const first = await refundOrder(sandbox, merchant, outTradeNo, outRefundNo);
    const again = await refundOrder(sandbox, merchant, outTradeNo, outRefundNo, { sign_type: 'HMAC-SHA256' });
    expect(again.fields['refund_id']).toBe(first.fields['refund_id']);
    const changed = { refund_desc: 'other reason' };
    expect(await refusalOf(refundOrder(sandbox, merchant, outTradeNo, outRefundNo, changed))).toBe('ERROR');
    const byId = { out_trade_no: undefined, transaction_id: transactionId };
    expect(await refusalOf(refundOrder(sandbox, merchant, outTradeNo, outRefundNo, byId))).toBe('ERROR');
  });

  it('is of an order of API v3 as well, and a refund of API v3 of one of API v2', async () => {
    const { outTradeNo: ofV3 } = await paidTrade(sandbox, merchant);
    const { outTradeNo: ofV2 } = await paidOrder(sandbox, merchant);
    const [overV2, overV3] = [newRefundNo(), newRefundNo()];
    await refundOrder(sandbox, merchant, ofV3, overV2, { refund_fee: '500' });
    expect((await queryRefund(sandbox, merchant, overV2)).json).toMatchObject({
      out_trade_no: ofV3,
      status: 'PROCESSING',
      funds_account: 'UNSETTLED',
      amount: { refund: 500, total: 1200 },
    });
    expect((await applyRefund(sandbox, merchant, refundBody(ofV2, overV3))).status).toBe(200);
    expect((await refundQuery(sandbox, merchant, { out_refund_no: overV3 })).fields).toMatchObject({
      out_trade_no: ofV2,
      refund_status_0: 'PROCESSING',
      refund_account_0: 'REFUND_SOURCE_RECHARGE_FUNDS',
    });
  });

  it('is refused for a reason', async () => {
    const { outTradeNo } = await paidOrder(sandbox, merchant);
    const refused = (more: Record<string, string | undefined>) =>
      refusalOf(refundOrder(sandbox, merchant, outTradeNo, newRefundNo(), more));
    expect(await refused({ out_trade_no: newNumber() })).toBe('ORDERNOTEXIST');
    expect(await refused({ transaction_id: '4200000000000000000000000000' })).toBe('INVALID_TRANSACTIONID');
    expect(await refused({ total_fee: '1201' })).toBe('ERROR');
    expect(await refused({ refund_fee: '1201' })).toBe('ERROR');
    expect(await refused({ refund_fee: '0' })).toBe('PARAM_ERROR');
    expect(await refused({ refund_account: 'REFUND_SOURCE_MINE' })).toBe('PARAM_ERROR');
    expect(await refused({ out_refund_no: undefined })).toBe('LACK_PARAMS');
    expect(await refused({ out_trade_no: undefined })).toBe('LACK_PARAMS');
    await control(sandbox, 'PUT', '/balance', { balanceFen: 1 });
    expect(await refused({})).toBe('NOTENOUGH');
    await control(sandbox, 'PUT', '/balance', { balanceFen: null });
    expect(await refused({ refund_fee: '1' })).toBeUndefined();
    expect(await refused({ refund_fee: '1' })).toBe('FREQUENCY_LIMITED');
    const unpaid = newNumber();
    await unifiedOrder(sandbox, merchant, unpaid);
    expect(await refused({ out_trade_no: unpaid })).toBe('ORDERNOTEXIST');
  });

  it('that fails too often is INVALID_REQ_TOO_MUCH', async () => {
    await control(sandbox, 'PUT', '/limits', { refundFailures: 1 });
    const fail = () => refusalOf(refundOrder(sandbox, merchant, newNumber(), newRefundNo()));
    await expect.poll(() => Promise.all([fail(), fail(), fail()])).toContain('INVALID_REQ_TOO_MUCH');
    await control(sandbox, 'PUT', '/limits', {});
  });

  it('of a year ago is overdue', async () => {
    const { outTradeNo } = await paidOrder(sandbox, other);
    await advance(sandbox, 366 * 86_400);
    expect(await refusalOf(refundOrder(sandbox, other, outTradeNo, newRefundNo()))).toBe('TRADE_OVERDUE');
  });
});

describe('refundquery', () => {
  it('says how each refund ended', async () => {
    const { outTradeNo } = await paidOrder(sandbox, merchant, { couponFen: 200 });
    const refundNos = [newRefundNo(), newRefundNo(), newRefundNo(), newRefundNo()];
    for (const outRefundNo of refundNos) {
      await refundOrder(sandbox, merchant, outTradeNo, outRefundNo, { refund_fee: '300' });
      await advance(sandbox, 61);
    }
    const [succeeded = '', abnormal = '', closed = ''] = refundNos;
    await settle(succeeded, 'SUCCESS');
    await settle(abnormal, 'ABNORMAL');
    await settle(closed, 'CLOSED');
    const { fields } = await refundQuery(sandbox, merchant, { out_trade_no: outTradeNo });
    expect(fields).toMatchObject({
      result_code: 'SUCCESS',
      out_trade_no: outTradeNo,
      total_fee: '1200',
      cash_fee: '1000',
      refund_count: '4',
      out_refund_no_0: succeeded,
      refund_channel_0: 'ORIGINAL',
      refund_fee_0: '300',
      refund_status_0: 'SUCCESS',
      refund_recv_accout_0: '支付用户零钱',
      refund_success_time_0: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/) as string,
      coupon_refund_fee_0: '50',
      coupon_refund_fee_0_0: '50',
      out_refund_no_1: abnormal,
      refund_status_1: 'CHANGE',
      refund_status_2: 'REFUNDCLOSE',
      refund_status_3: 'PROCESSING',
    });
    expect(fields).not.toHaveProperty('refund_success_time_1');
    expect(fields).not.toHaveProperty('total_refund_count');
    expect(isSignedV2(fields, merchant.apiV2Key)).toBe(true);
  });

  it('finds one refund by either of its numbers, before it looks for an order', async () => {
    const { outTradeNo, transactionId } = await paidOrder(sandbox, merchant);
    const outRefundNo = newRefundNo();
    const { refund_id = '' } = (await refundOrder(sandbox, merchant, outTradeNo, outRefundNo)).fields;
    const wrong = { out_trade_no: newNumber() };
    for (const by of [
      { refund_id, ...wrong },
      { out_refund_no: outRefundNo, ...wrong },
      { transaction_id: transactionId, ...wrong },
      { out_trade_no: outTradeNo },
    ]) {
      const { fields } = await refundQuery(sandbox, merchant, by);
      expect([fields['refund_count'], fields['refund_id_0']]).toEqual(['1', refund_id]);
    }
    const codes = [{ out_refund_no: newRefundNo() }, wrong, {}].map(async (by) =>
      refusalOf(refundQuery(sandbox, merchant, by as Record<string, string>)),
    );
    expect(await Promise.all(codes)).toEqual(['REFUNDNOTEXIST', 'REFUNDNOTEXIST', 'LACK_PARAMS']);
    expect(await refusalOf(refundQuery(sandbox, other, { refund_id }))).toBe('REFUNDNOTEXIST');
  });

  it('gives ten at a time, from an offset on', async () => {
    const { outTradeNo } = await paidOrder(sandbox, merchant);
    const refundNos: string[] = [];
    for (let n = 0; n < 12; n += 1) {
      refundNos.push(newRefundNo());
      await control(sandbox, 'POST', '/refunds', { outTradeNo, outRefundNo: refundNos[n], refundFen: 10 });
    }
    const page = async (offset?: string) => {
      const by = { out_trade_no: outTradeNo, ...(offset === undefined ? {} : { offset }) };
      const { fields } = await refundQuery(sandbox, merchant, by);
      const numbers = Array.from(
        { length: Number(fields['refund_count'] ?? 0) },
        (_, n) => fields[`out_refund_no_${n}`],
      );
      return { total: fields['total_refund_count'], numbers, code: fields['err_code'] };
    };
    expect(await page()).toEqual({ total: undefined, numbers: refundNos.slice(0, 10), code: undefined });
    expect(await page('10')).toEqual({ total: '12', numbers: refundNos.slice(10), code: undefined });
    expect((await page('12')).code).toBe('REFUNDNOTEXIST');
    expect((await page('-1')).code).toBe('PARAM_ERROR');
  });
});
