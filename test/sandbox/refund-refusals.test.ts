import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { call, control, verified, type Credentials, type Json } from './support/client.js';
import { applyRefund, newRefundNo, paidTrade, queryRefund, refundBody, refunds } from './support/refund.js';
import { close, newNumber, prepay } from './support/trade.js';
import { useSandbox } from './support/use-sandbox.js';

const { sandbox, merchant } = useSandbox();
let outTradeNo: string;

beforeAll(async () => {
  await control(sandbox, 'PUT', '/settings', { refundDelayMs: 10 * 365 * 86_400_000 });
});
beforeEach(async () => {
  await control(sandbox, 'PUT', '/balance', { balanceFen: null });
  ({ outTradeNo } = await paidTrade(sandbox, merchant));
});

const advance = (seconds: number) => control(sandbox, 'POST', '/clock', { advanceSeconds: seconds });
const settle = (outRefundNo: string, status: string) =>
  control(sandbox, 'POST', `/refunds/${encodeURIComponent(outRefundNo)}/settle`, { status });
const apply = (refund = 1200, more: Json = {}, outRefundNo = newRefundNo()) =>
  applyRefund(sandbox, merchant, refundBody(outTradeNo, outRefundNo, refund, more));
const rows = async () =>
  (await control<Json[]>(sandbox, 'GET', '/refunds')).filter((row) => row['out_trade_no'] === outTradeNo);

describe('a refund request', () => {
  it.each<[string, Json, string]>([
    ['no number', { out_refund_no: undefined }, '/out_refund_no'],
    ['an empty number', { out_refund_no: '' }, '/out_refund_no'],
    ['65 characters of number', { out_refund_no: 'R'.repeat(65) }, '/out_refund_no'],
    ['a space in the number', { out_refund_no: 'R 1' }, '/out_refund_no'],
    ['no trade', { out_trade_no: undefined }, '/transaction_id'],
    ['an ill-formed trade', { out_trade_no: 'A@12345' }, '/out_trade_no'],
    ['27 Chinese characters of reason', { reason: '茶'.repeat(27) }, '/reason'],
    ['a notify URL with a query', { notify_url: 'https://a.example/n?x=1' }, '/notify_url'],
    ['a plain http URL elsewhere', { notify_url: 'http://a.example/n' }, '/notify_url'],
    ['257 bytes of URL', { notify_url: `https://a.example/${'n'.repeat(239)}` }, '/notify_url'],
    ['another funds account', { funds_account: 'OPERATION' }, '/funds_account'],
    ['no amount', { amount: undefined }, '/amount'],
    ['no refund amount', { amount: { total: 1200, currency: 'CNY' } }, '/amount/refund'],
    ['a zero refund amount', { amount: { refund: 0, total: 1200, currency: 'CNY' } }, '/amount/refund'],
    ['a fraction of a fen', { amount: { refund: 1.5, total: 1200, currency: 'CNY' } }, '/amount/refund'],
    ['no total', { amount: { refund: 1, currency: 'CNY' } }, '/amount/total'],
    ['no currency', { amount: { refund: 1, total: 1200 } }, '/amount/currency'],
    ['another currency', { amount: { refund: 1, total: 1200, currency: 'USD' } }, '/amount/currency'],
    [
      'sources that do not add up',
      { amount: { refund: 2, total: 1200, currency: 'CNY', from: [{ account: 'AVAILABLE', amount: 1 }] } },
      '/amount/from',
    ],
    [
      'goods without a quantity',
      { goods_detail: [{ merchant_goods_id: 'a', unit_price: 1, refund_amount: 1 }] },
      '/goods_detail/0/refund_quantity',
    ],
    ['a partner field', { sub_mchid: '1900000109' }, '/sub_mchid'],
    ['an attach', { attach: 'mine' }, '/attach'],
    ['a null', { reason: null }, '/reason'],
  ])('with %s is a PARAM_ERROR that points at it', async (_, more, field) => {
    expect(await apply(1, more)).toMatchObject({
      status: 400,
      json: { code: 'PARAM_ERROR', detail: { field, location: 'body' } },
    });
    expect(await rows()).toEqual([]);
  });

  it('needs a User-Agent before it needs a signature', async () => {
    const headers = { 'User-Agent': undefined, Authorization: undefined };
    const unknown = await call(sandbox, merchant, 'GET', `${refunds}/R1`, undefined, { headers });
    expect(unknown).toMatchObject({ status: 400, json: { code: 'INVALID_REQUEST' } });
    expect(unknown.headers['wechatpay-signature']).toBeUndefined();
    const unsigned = { headers: { Authorization: undefined } };
    expect((await call(sandbox, merchant, 'POST', refunds, '{}', unsigned)).json).toMatchObject({
      code: 'SIGN_ERROR',
      message: 'Http头Authorization值格式错误，请参考《微信支付商户REST API签名规则》',
    });
  });

  it('knows no other methods', async () => {
    const put = await call(sandbox, merchant, 'PUT', refunds, '{}');
    expect([put.status, put.text]).toEqual([405, '']);
    expect((await call(sandbox, merchant, 'POST', `${refunds}/R1`, '{}')).status).toBe(405);
  });
});

describe('a refund is refused', () => {
  interface Case {
    name: string;
    given?: () => Promise<unknown>;
    more?: Json;
    fen?: number;
    status: number;
    code: string;
  }
  const total = (fen: number) => ({ amount: { refund: 1, total: fen, currency: 'CNY' } });

  it.each<Case>([
    {
      name: 'of a trade that does not exist',
      more: { out_trade_no: 'unknown1' },
      status: 404,
      code: 'RESOURCE_NOT_EXISTS',
    },
    {
      name: 'of a transaction that does not exist',
      more: { out_trade_no: undefined, transaction_id: '4200000000000000000000000000' },
      status: 404,
      code: 'RESOURCE_NOT_EXISTS',
    },
    { name: 'of an unpaid trade', given: () => unpaid(), status: 404, code: 'RESOURCE_NOT_EXISTS' },
    { name: 'of a closed trade', given: () => unpaid(true), status: 404, code: 'RESOURCE_NOT_EXISTS' },
    { name: 'of a smaller total', more: total(1199), status: 400, code: 'INVALID_REQUEST' },
    { name: 'of a bigger total', more: total(1201), status: 400, code: 'INVALID_REQUEST' },
    {
      name: 'of more than the total',
      more: { amount: { refund: 1201, total: 1200, currency: 'CNY' } },
      status: 400,
      code: 'INVALID_REQUEST',
    },
    { name: 'of more than is left', given: () => refundedBefore(1000), fen: 201, status: 400, code: 'INVALID_REQUEST' },
    { name: 'less than a minute after another', given: () => apply(1), fen: 1, status: 429, code: 'FREQUENCY_LIMITED' },
    { name: 'after 365 days', given: () => advance(365 * 86_400 + 1), status: 403, code: 'TRADE_OVERDUE' },
    { name: 'without the money', given: () => balance(1199), status: 403, code: 'NOT_ENOUGH' },
    { name: 'to somebody else', given: () => foreign(), status: 404, code: 'RESOURCE_NOT_EXISTS' },
  ])('$name', async ({ given, more, fen, status, code }) => {
    await given?.();
    const before = await rows();
    const outRefundNo = newRefundNo();
    const refused = await apply(fen, more, outRefundNo);
    expect(refused).toMatchObject({ status, json: { code } });
    expect(verified(refused.headers, refused.text, merchant.platformCertificatePem)).toBe(true);
    expect(await rows()).toEqual(before);
    expect(await queryRefund(sandbox, merchant, outRefundNo)).toMatchObject({
      status: 404,
      json: { code: 'RESOURCE_NOT_EXISTS' },
    });
  });

  async function unpaid(closed = false): Promise<void> {
    outTradeNo = newNumber();
    await prepay(sandbox, merchant, outTradeNo);
    if (closed) await close(sandbox, merchant, outTradeNo);
  }
  async function refundedBefore(fen: number): Promise<void> {
    await apply(fen);
    await advance(61);
  }
  async function foreign(): Promise<void> {
    const other = await control<Credentials>(sandbox, 'POST', '/merchants', {});
    ({ outTradeNo } = await paidTrade(sandbox, other));
  }
  const balance = (balanceFen: number) => control(sandbox, 'PUT', '/balance', { balanceFen });

  it('when its two numbers of the trade are of two trades', async () => {
    const other = await paidTrade(sandbox, merchant);
    expect(await apply(1, { transaction_id: other.transactionId })).toMatchObject({
      status: 400,
      json: { code: 'INVALID_REQUEST' },
    });
  });

  it('but not shortly before the 365 days are over', async () => {
    await advance(365 * 86_400 - 600);
    expect((await apply()).status).toBe(200);
  });

  it('the 51st time', async () => {
    for (let time = 1; time <= 50; time += 1) {
      const outRefundNo = newRefundNo();
      expect((await apply(1, {}, outRefundNo)).status).toBe(200);
      await settle(outRefundNo, time % 2 ? 'SUCCESS' : 'CLOSED');
      await advance(60);
    }
    expect(await apply(1)).toMatchObject({ status: 400, json: { code: 'INVALID_REQUEST' } });
    expect(await rows()).toHaveLength(50);
  });
});
