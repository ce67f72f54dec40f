import { beforeEach, describe, expect, it } from 'vitest';
import { call, control, tryControl, type Json } from './support/client.js';
import { charge, newCode, reverse } from './support/code-scan.js';
import { applyRefund, newRefundNo, refundBody } from './support/refund.js';
import { close, newNumber, prepay, query } from './support/trade.js';
import { useSandbox } from './support/use-sandbox.js';

const { sandbox, merchant } = useSandbox();

beforeEach(() => control(sandbox, 'PUT', '/settings', { refundDelayMs: 1000, reverseAfterMs: 0 }));

const advance = (advanceSeconds: number) => control(sandbox, 'POST', '/clock', { advanceSeconds });
const stateOf = async (outTradeNo: string) => (await query(sandbox, merchant, outTradeNo)).json['trade_state'];
const pay = (body: Json) => tryControl(sandbox, 'POST', '/pay', body);
const rowOf = async (outTradeNo: string) =>
  (await control<Json[]>(sandbox, 'GET', '/trades')).find((row) => row['out_trade_no'] === outTradeNo);

/** A trade with this payer: paid, or with the prompt on the payer's phone. */
async function charged(wanted: Json = {}, more: Json = {}): Promise<string> {
  const outTradeNo = newNumber();
  const { status, text } = await charge(sandbox, merchant, outTradeNo, await newCode(sandbox, wanted), more);
  if (status > 202) throw new Error(text);
  return outTradeNo;
}

describe('a reverse', () => {
  it('ends a trade that is not paid', async () => {
    for (const payer of ['silent', 'refuses']) {
      const outTradeNo = await charged({ payer, afterMs: 0 });
      const { status, json } = await reverse(sandbox, merchant, outTradeNo);
      expect(status).toBe(200);
      expect(json).toEqual({ appid: merchant.appid, mchid: merchant.mchid, out_trade_no: outTradeNo });
      expect(await stateOf(outTradeNo)).toBe('REVOKED');
      expect((await pay({ outTradeNo })).json['reason']).toBe('reversed');
    }
  });

  it('stops the payer who was about to type', async () => {
    const outTradeNo = await charged({ payer: 'password', afterMs: 60_000 });
    await reverse(sandbox, merchant, outTradeNo);
    await advance(120);
    expect(await stateOf(outTradeNo)).toBe('REVOKED');
  });

  it('gives the money of a paid trade back, once', async () => {
    const outTradeNo = await charged();
    const { json } = await query(sandbox, merchant, outTradeNo);
    await control(sandbox, 'PUT', '/balance', { balanceFen: 2000 });
    expect((await reverse(sandbox, merchant, outTradeNo)).status).toBe(200);
    expect((await reverse(sandbox, merchant, outTradeNo)).status).toBe(200);
    expect(await control(sandbox, 'GET', '/balance')).toEqual({ balanceFen: 800 });
    expect(await stateOf(outTradeNo)).toBe('REVOKED');
    const byId = `/v3/pay/transactions/id/${String(json['transaction_id'])}?mchid=${merchant.mchid}`;
    const found = (await call(sandbox, merchant, 'GET', byId)).json;
    expect(found).toMatchObject({ out_trade_no: outTradeNo, trade_state: 'REVOKED' });
    expect(await rowOf(outTradeNo)).toMatchObject({ trade_state: 'REVOKED', transaction_id: json['transaction_id'] });
    const refund = await applyRefund(sandbox, merchant, refundBody(outTradeNo, newRefundNo()));
    expect(refund.json['code']).toBe('RESOURCE_NOT_EXISTS');
    expect((await pay({ outTradeNo, force: true })).json['reason']).toBe('reversed');
    await control(sandbox, 'PUT', '/balance', { balanceFen: null });
  });

  it('waits for a balance that holds the money', async () => {
    const outTradeNo = await charged();
    await control(sandbox, 'PUT', '/balance', { balanceFen: 1199 });
    const { status, json } = await reverse(sandbox, merchant, outTradeNo);
    expect([status, json['code']]).toEqual([403, 'NOT_ENOUGH']);
    await control(sandbox, 'PUT', '/balance', { balanceFen: null });
    expect((await reverse(sandbox, merchant, outTradeNo)).status).toBe(200);
  });

  it('does not stop a payment in flight, and can be called again', async () => {
    const outTradeNo = await charged({ payer: 'silent' });
    await reverse(sandbox, merchant, outTradeNo);
    expect((await pay({ outTradeNo, force: true })).status).toBe(200);
    expect(await stateOf(outTradeNo)).toBe('SUCCESS');
    expect((await reverse(sandbox, merchant, outTradeNo)).status).toBe(200);
    expect(await stateOf(outTradeNo)).toBe('REVOKED');
  });

  it('is refused when it comes too early, by the setting, or after 7 days', async () => {
    const outTradeNo = await charged({ payer: 'silent' });
    await control(sandbox, 'PUT', '/settings', { reverseAfterMs: 15_000 });
    const early = await reverse(sandbox, merchant, outTradeNo);
    expect([early.status, early.json['code']]).toEqual([400, 'INVALID_REQUEST']);
    await advance(15);
    expect((await reverse(sandbox, merchant, outTradeNo)).status).toBe(200);
    const late = await charged({ payer: 'silent' });
    await advance(7 * 86_400 + 1);
    expect((await reverse(sandbox, merchant, late)).json['code']).toBe('REVERSE_EXPIRE');
    expect((await reverse(sandbox, merchant, outTradeNo)).status).toBe(200);
  });

  it('is refused for an unknown number, another product and a refunded trade', async () => {
    const unknown = await reverse(sandbox, merchant, newNumber());
    expect([unknown.status, unknown.json['code']]).toEqual([404, 'ORDER_NOT_EXIST']);
    const native = newNumber();
    await prepay(sandbox, merchant, native);
    expect((await reverse(sandbox, merchant, native)).json['code']).toBe('INVALID_REQUEST');
    const refunded = await charged();
    expect((await applyRefund(sandbox, merchant, refundBody(refunded, newRefundNo(), 100))).status).toBe(200);
    expect((await reverse(sandbox, merchant, refunded)).json['code']).toBe('INVALID_REQUEST');
    expect(await stateOf(refunded)).toBe('REFUND');
  });

  it('needs appid and mchid', async () => {
    const outTradeNo = await charged({ payer: 'silent' });
    const { appid, mchid } = merchant;
    const refused = async (body: Json) => {
      const { status, json } = await reverse(sandbox, merchant, outTradeNo, body);
      return [status, json['code']];
    };
    expect(await refused({ mchid })).toEqual([500, 'SYSTEM_ERROR']);
    expect(await refused({ appid })).toEqual([400, 'PARAM_ERROR']);
    expect(await refused({ appid, mchid: '1999999999' })).toEqual([400, 'PARAM_ERROR']);
    expect(await refused({ appid: 'wxOther', mchid })).toEqual([400, 'APPID_MCHID_NOT_MATCH']);
    expect(await refused({ appid, mchid, more: 1 })).toEqual([400, 'PARAM_ERROR']);
    expect(await stateOf(outTradeNo)).toBe('USERPAYING');
  });
});

it('a close does not end a trade of code scan', async () => {
  const { status, json, headers } = await close(sandbox, merchant, await charged({ payer: 'silent' }));
  expect([status, json['code']]).toEqual([400, 'INVALID_REQUEST']);
  expect(headers['request-id']).toMatch(/-268449641$/);
  expect((await close(sandbox, merchant, await charged())).json['code']).toBe('ORDER_PAID');
});
