import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { call, control, verified, type Credentials, type Json } from './support/client.js';
import { applyRefund, newRefundNo, paidTrade, queryRefund, refundBody, refunds } from './support/refund.js';
import { query } from './support/trade.js';
import { useSandbox } from './support/use-sandbox.js';

const { sandbox, merchant } = useSandbox();
let outTradeNo: string;
let transactionId: string;

beforeAll(async () => {
  await control(sandbox, 'PUT', '/settings', { refundDelayMs: 10 * 365 * 86_400_000 });
});
beforeEach(async () => {
  await control(sandbox, 'PUT', '/balance', { balanceFen: null });
  ({ outTradeNo, transactionId } = await paidTrade(sandbox, merchant));
});

const advance = (seconds: number) => control(sandbox, 'POST', '/clock', { advanceSeconds: seconds });
const settle = (outRefundNo: string, status: string) =>
  control(sandbox, 'POST', `/refunds/${encodeURIComponent(outRefundNo)}/settle`, { status });
const apply = (refund = 1200, more: Json = {}, outRefundNo = newRefundNo()) =>
  applyRefund(sandbox, merchant, refundBody(outTradeNo, outRefundNo, refund, more));
const rows = async () =>
  (await control<Json[]>(sandbox, 'GET', '/refunds')).filter((row) => row['out_trade_no'] === outTradeNo);

describe('a refund request', () => {
  it('is answered with the whole refund, as is its query', async () => {
    const outRefundNo = newRefundNo();
    const applied = await apply(500, { reason: '商品已售完' }, outRefundNo);
    expect([applied.status, applied.headers['request-id']]).toEqual([200, expect.stringMatching(/-0$/)]);
    expect(verified(applied.headers, applied.text, merchant.platformCertificatePem)).toBe(true);
    expect(applied.json).toEqual({
      refund_id: expect.stringMatching(/^50\d{27}$/) as string,
      out_refund_no: outRefundNo,
      transaction_id: transactionId,
      out_trade_no: outTradeNo,
      channel: 'ORIGINAL',
      user_received_account: '支付用户零钱',
      create_time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+08:00$/) as string,
      status: 'PROCESSING',
      funds_account: 'AVAILABLE',
      amount: {
        total: 1200,
        refund: 500,
        from: [],
        payer_total: 1200,
        payer_refund: 500,
        settlement_total: 1200,
        settlement_refund: 500,
        discount_refund: 0,
        currency: 'CNY',
        refund_fee: 0,
      },
    });
    expect((await queryRefund(sandbox, merchant, outRefundNo)).json).toEqual(applied.json);
    expect(await rows()).toEqual([
      {
        mchid: merchant.mchid,
        out_refund_no: outRefundNo,
        out_trade_no: outTradeNo,
        refund_id: applied.json['refund_id'],
        refund: 500,
        status: 'PROCESSING',
      },
    ]);
  });

  it('takes every documented field, and either number of the trade or both', async () => {
    const from = [
      { account: 'AVAILABLE', amount: 100 },
      { account: 'UNAVAILABLE', amount: 50 },
    ];
    const first = await apply(150, {
      out_trade_no: undefined,
      transaction_id: transactionId,
      reason: '茶'.repeat(26),
      notify_url: `https://shop.example/${'n'.repeat(256 - 21)}`,
      funds_account: 'AVAILABLE',
      amount: { refund: 150, total: 1200, currency: 'CNY', from },
      goods_detail: [
        {
          merchant_goods_id: 'tea-1',
          wechatpay_goods_id: '1001',
          goods_name: '龙井茶',
          unit_price: 1200,
          refund_amount: 150,
          refund_quantity: 1,
        },
      ],
    });
    expect(first.json).toMatchObject({ out_trade_no: outTradeNo, amount: { from } });
    await advance(61);
    expect((await apply(1, { transaction_id: transactionId })).status).toBe(200);
  });

  it('gives a coupon its share, and all refunds together neither more nor less than was paid', async () => {
    ({ outTradeNo } = await paidTrade(sandbox, merchant, { couponFen: 500 }));
    const amounts: Json[] = [];
    for (const fen of [1, 400, 799]) {
      const { json } = await apply(fen);
      expect(json).toMatchObject({
        promotion_detail: [
          { scope: 'GLOBAL', type: 'COUPON', amount: 500, promotion_id: expect.any(String) as string },
        ],
      });
      amounts.push(json['amount'] as Json);
      await advance(61);
    }
    const shares = amounts.map((amount) => [amount['payer_total'], amount['payer_refund'], amount['discount_refund']]);
    expect(shares).toEqual([
      [700, 1, 0],
      [700, 233, 167],
      [700, 466, 333],
    ]);
  });
});

describe('the same number again', () => {
  it('gets the refund as it stands, never a second one', async () => {
    const outRefundNo = newRefundNo();
    const first = await apply(600, {}, outRefundNo);
    const { amount, ...rest } = refundBody(outTradeNo, outRefundNo, 600);
    expect((await applyRefund(sandbox, merchant, { amount, ...rest })).json).toEqual(first.json);
    await settle(outRefundNo, 'SUCCESS');
    const later = await apply(600, {}, outRefundNo);
    expect(later.json).toMatchObject({ status: 'SUCCESS', refund_id: first.json['refund_id'] });
    await control(sandbox, 'PUT', '/balance', { balanceFen: 0 });
    await advance(400 * 86_400);
    expect((await apply(600, {}, outRefundNo)).json).toEqual(later.json);
    expect(await rows()).toHaveLength(1);
  });

  it.each<[string, Json]>([
    ['amount', { amount: { refund: 601, total: 1200, currency: 'CNY' } }],
    ['reason', { reason: 'another' }],
    ['notify URL', { notify_url: 'https://shop.example/elsewhere' }],
    ['name of the trade', { transaction_id: '4200000000000000000000000000' }],
  ])('with another %s is refused and changes nothing', async (_, more) => {
    const outRefundNo = newRefundNo();
    const first = await apply(600, {}, outRefundNo);
    const changed = await apply(600, more, outRefundNo);
    expect(changed).toMatchObject({ status: 400, json: { code: 'INVALID_REQUEST' } });
    expect((await queryRefund(sandbox, merchant, outRefundNo)).json).toEqual(first.json);
  });

  it('for another trade is refused', async () => {
    const outRefundNo = newRefundNo();
    await apply(600, {}, outRefundNo);
    const other = await paidTrade(sandbox, merchant);
    expect(await apply(600, { out_trade_no: other.outTradeNo }, outRefundNo)).toMatchObject({ status: 400 });
    expect((await query(sandbox, merchant, other.outTradeNo)).json['trade_state']).toBe('SUCCESS');
  });

  it('belongs to each merchant apart', async () => {
    const outRefundNo = newRefundNo();
    await apply(600, {}, outRefundNo);
    const other = await control<Credentials>(sandbox, 'POST', '/merchants', {});
    const theirs = await paidTrade(sandbox, other);
    expect((await queryRefund(sandbox, other, outRefundNo)).status).toBe(404);
    expect((await applyRefund(sandbox, other, refundBody(theirs.outTradeNo, outRefundNo, 7))).status).toBe(200);
    expect(await control<Json[]>(sandbox, 'GET', `/refunds?mchid=${other.mchid}`)).toMatchObject([{ refund: 7 }]);
    expect(await rows()).toMatchObject([{ refund: 600 }]);
  });

  it('after NOT_ENOUGH begins the refund', async () => {
    const outRefundNo = newRefundNo();
    await control(sandbox, 'PUT', '/balance', { balanceFen: 0 });
    expect((await apply(600, {}, outRefundNo)).json['code']).toBe('NOT_ENOUGH');
    expect((await query(sandbox, merchant, outTradeNo)).json['trade_state']).toBe('SUCCESS');
    await control(sandbox, 'PUT', '/balance', { balanceFen: 600 });
    expect((await apply(600, {}, outRefundNo)).json['status']).toBe('PROCESSING');
  });
});

describe('the money', () => {
  it('of a closed refund can be refunded again, of an abnormal one not', async () => {
    const [first, second] = [newRefundNo(), newRefundNo()];
    await apply(1200, {}, first);
    await advance(61);
    await settle(first, 'ABNORMAL');
    expect((await apply(1)).json['code']).toBe('INVALID_REQUEST');
    await settle(first, 'CLOSED');
    expect((await apply(1200, {}, second)).status).toBe(200);
  });

  it('leaves the balance, and comes back from a closed refund', async () => {
    const balance = async () => (await control(sandbox, 'GET', '/balance'))['balanceFen'];
    expect(await balance()).toBeNull();
    await control(sandbox, 'PUT', '/balance', { balanceFen: 1000 });
    const outRefundNo = newRefundNo();
    await apply(700, {}, outRefundNo);
    await apply(700, {}, outRefundNo);
    expect(await balance()).toBe(300);
    await advance(61);
    expect((await apply(301)).json['code']).toBe('NOT_ENOUGH');
    await settle(outRefundNo, 'CLOSED');
    expect(await balance()).toBe(1000);
  });
});

describe('a refund query', () => {
  it('takes any way to write the number in the path', async () => {
    const outRefundNo = `${newRefundNo()}*2|x`;
    await apply(1, {}, outRefundNo);
    for (const written of [
      outRefundNo.replaceAll('|', '%7C'),
      encodeURIComponent(outRefundNo).replaceAll('*', '%2A'),
      outRefundNo.replaceAll('|', '%7c').replaceAll('@', '%40'),
    ]) {
      const reply = await call(sandbox, merchant, 'GET', `${refunds}/${written}`);
      expect(reply).toMatchObject({ status: 200, json: { out_refund_no: outRefundNo } });
    }
    expect((await call(sandbox, merchant, 'GET', `${refunds}/a%20b`)).json).toMatchObject({
      code: 'PARAM_ERROR',
      detail: { field: 'out_refund_no', location: 'url' },
    });
  });
});
