import { generateKeyPairSync } from 'node:crypto';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import type { Mchid } from '../../src/base/ids.js';
import { createGateways } from '../../src/channels/gateways.js';
import { createMerchants, type Merchant } from '../../src/channels/merchant.js';
import { NotifyRejected } from '../../src/channels/port.js';
import { signKey } from '../../src/channels/wechatpay-v2/signature.js';
import {
  API_V3_KEY,
  fakeMerchant,
  fakeWechatPay,
  isSignedRequest,
  signatureHeaders,
  signed,
  type FakeWechatPay,
} from './support/fake-wechatpay.js';
import { API_V2_KEY, fakeWechatPayV2, refusedV2, sealV2, signedV2, xmlOf } from './support/fake-wechatpay-v2.js';
import { withCredentials } from './support/gateway.js';
import type { V3Merchant } from './support/merchant.js';
import { seal } from './support/seal.js';
import { attempt, mchid, outTradeNo, refundOf } from './support/values.js';

const asked = { outTradeNo: outTradeNo('A-10001') };
const durable = { patience: 'durable' } as const;
const NEW_API_V3_KEY = 'fedcba9876543210fedcba9876543210';

let wechat: FakeWechatPay;
let merchant: V3Merchant;
beforeEach(async () => {
  wechat = await fakeWechatPay();
  merchant = fakeMerchant(wechat.url);
});
afterEach(() => wechat.close());

const rejectionOf = (error: unknown): string => (error instanceof NotifyRejected ? error.code : String(error));
const of = (...list: Merchant[]) => new Map(list.map((it) => [it.mchid, it]));

function started(...list: Merchant[]) {
  const merchants = createMerchants(of(...list));
  const publicUrl = () => 'https://pay.example.com';
  const gateways = createGateways(merchants, { now: () => new Date(), publicUrl, workers: 1 });
  const query = async (id = merchant.mchid): Promise<void> => {
    await gateways
      .for(id)
      ?.query(asked, durable)
      .catch(() => undefined);
  };
  return { merchants, gateways, query };
}

test('the call after the merchants were replaced is signed with the new key', async () => {
  const { merchants, query } = started(merchant);
  await query();
  const next = generateKeyPairSync('rsa', { modulusLength: 2048 });
  merchants.replace(of(withCredentials(merchant, { privateKey: next.privateKey, serialNo: 'ABCDEF' })));
  await query();
  const [before, after] = wechat.seen;
  if (before === undefined || after === undefined) throw new Error('two calls were made');
  expect([isSignedRequest(before), isSignedRequest(before, next.publicKey)]).toEqual([true, false]);
  expect([isSignedRequest(after), isSignedRequest(after, next.publicKey)]).toEqual([false, true]);
  expect(after.headers.authorization).toContain('serial_no="ABCDEF"');
});

test('the notify after the merchants were replaced is opened with the new key', async () => {
  const { merchants, gateways } = started(merchant);
  const kindOf = async (): Promise<string> => {
    const resource = { original_type: 'complaint', ...seal('{}', 'complaint') };
    const body = JSON.stringify({ id: 'EV-1', event_type: 'COMPLAINT.CREATE', resource });
    const headers = signatureHeaders(body);
    const parsed = gateways.notifiesTo(merchant.mchid, 'v3')?.parseNotify({ body: Buffer.from(body), headers });
    return parsed === undefined ? 'nobody' : parsed.then(({ kind }) => kind).catch(rejectionOf);
  };
  expect(await kindOf()).toBe('other');
  merchants.replace(of(withCredentials(merchant, { apiV3Key: NEW_API_V3_KEY })));
  expect(await kindOf()).toBe('undecryptable');
  merchants.replace(of(withCredentials(merchant, { apiV3Key: API_V3_KEY })));
  expect(await kindOf()).toBe('other');
});

test('who is no longer configured has no gateway, who is new has one, who stays keeps its own', () => {
  const other: Merchant = { ...merchant, mchid: mchid('1900000002') };
  const { merchants, gateways } = started(merchant);
  const before = gateways.for(merchant.mchid);
  expect(before).toBeDefined();
  expect(gateways.for(other.mchid)).toBeUndefined();
  merchants.replace(of(merchant, other));
  expect(gateways.for(merchant.mchid)).toBe(before);
  expect(gateways.for(other.mchid)).toBeDefined();
  merchants.replace(of(other));
  expect(gateways.for(merchant.mchid)).toBeUndefined();
});

test('credentials that several merchants share sign for each of them; notifies come to the number of the credentials', async () => {
  const other: Merchant = { ...merchant, mchid: mchid('1900000002') };
  const { gateways, query } = started(merchant, other);
  await query(other.mchid);
  const [seen] = wechat.seen;
  expect(seen?.target).toBe('/v3/pay/transactions/out-trade-no/A-10001?mchid=1900000002');
  expect(seen?.headers.authorization).toContain('mchid="1900000001"');
  expect(gateways.notifiesTo(merchant.mchid, 'v3')).toBeDefined();
  expect(gateways.notifiesTo(other.mchid, 'v3')).toBeUndefined();
});

test('a merchant of v2 beside one of v3 is asked in v2, and is told in v2', async () => {
  const v2 = await fakeWechatPayV2();
  onTestFinished(() => v2.close());
  const number = mchid('1900000003');
  const credentials = { ...v2.merchant.credentials, mchid: number };
  const { gateways } = started(merchant, { ...v2.merchant, mchid: number, credentials });
  v2.answer = signedV2({ code_url: 'weixin://wxpay/bizpayurl?pr=NwY5Mz9', mch_id: number });
  const gateway = gateways.for(number);
  if (gateway === undefined) throw new Error('it is configured');
  const body = gateway.prepayBody(attempt());
  expect(await gateway.prepay({ product: 'native', body }, durable)).toMatchObject({ kind: 'opened' });
  expect(v2.seen[0]?.fields).toMatchObject({
    mch_id: '1900000003',
    notify_url: 'https://pay.example.com/notify/wechatpay/v2/1900000003/payment',
  });
  v2.answer = refusedV2('NOTENOUGH');
  await gateway.refund(refundOf(), durable).catch(() => undefined);
  expect(v2.seen[1]?.fields['notify_url']).toBe('https://pay.example.com/notify/wechatpay/v2/1900000003/refund');
  expect(wechat.seen).toHaveLength(0);
  const v3Body = gateways.for(merchant.mchid)?.prepayBody(attempt()) ?? '';
  expect(v3Body).toContain('"notify_url":"https://pay.example.com/notify/wechatpay/v3/1900000001"');
  const readers = (id: Mchid) =>
    (['v3', 'v2Payment', 'v2Refund'] as const).filter((path) => gateways.notifiesTo(id, path) !== undefined);
  expect([readers(number), readers(merchant.mchid)]).toEqual([['v2Payment', 'v2Refund'], ['v3']]);
});

test('a prepay that was stored for one API is not sent over the other, whichever way the merchant moved', async () => {
  const v2 = await fakeWechatPayV2();
  onTestFinished(() => v2.close());
  const { merchants, gateways } = started(merchant);
  const gateway = () => {
    const found = gateways.for(merchant.mchid);
    if (found === undefined) throw new Error('it is configured');
    return found;
  };
  const refused = { code: 'merchant_config', gatewayCode: 'PREPAY_OF_ANOTHER_PROTOCOL' };
  const v3Body = gateway().prepayBody(attempt());
  merchants.replace(of(v2.merchant));
  const v2Body = gateway().prepayBody(attempt());
  await expect(gateway().prepay({ product: 'native', body: v3Body }, durable)).rejects.toMatchObject(refused);
  merchants.replace(of(merchant));
  await expect(gateway().prepay({ product: 'native', body: v2Body }, durable)).rejects.toMatchObject(refused);
  expect([wechat.seen, v2.seen]).toEqual([[], []]);
});

test('a time that is still to come is as good as none, whoever asks by whatever API', async () => {
  const v2 = await fakeWechatPayV2();
  onTestFinished(() => v2.close());
  const number = mchid('1900000003');
  const credentials = { ...v2.merchant.credentials, mchid: number };
  const { gateways } = started(merchant, { ...v2.merchant, mchid: number, credentials });
  const decadesAhead = '2096-11-22T10:34:56+08:00';
  const numbers = { out_trade_no: 'A-10001', appid: 'wx8888888888888888', transaction_id: '42' };
  wechat.answer = signed(200, {
    ...{ ...numbers, mchid: merchant.mchid, trade_state: 'SUCCESS', success_time: decadesAhead },
    amount: { total: 1_205, currency: 'CNY' },
  });
  v2.answer = signedV2({
    ...numbers,
    mch_id: number,
    trade_state: 'SUCCESS',
    total_fee: '1205',
    time_end: '20961122103456',
  });
  for (const id of [merchant.mchid, number])
    expect(await gateways.for(id)?.query(asked, durable)).toMatchObject({ kind: 'paid', trade: { successAtMs: null } });
});

test('a merchant of v3 who has an API v2 key too understands refunds that are told in v2, also when they are read again', async () => {
  const withKey = withCredentials(merchant, { apiV2Key: signKey(API_V2_KEY) });
  const { gateways, merchants } = started(withKey);
  const req_info = sealV2(
    '<root><out_trade_no>A-10001</out_trade_no><out_refund_no>R-10001</out_refund_no><refund_id>503</refund_id><refund_status>SUCCESS</refund_status></root>',
  );
  const body = Buffer.from(xmlOf({ return_code: 'SUCCESS', mch_id: merchant.mchid, req_info }));
  const parsed = await gateways.notifiesTo(merchant.mchid, 'v2Refund')?.parseNotify({ body, headers: {} });
  expect(parsed).toMatchObject({ kind: 'refund', key: '503:SUCCESS', serialNo: 'v2', outRefundNo: 'R-10001' });
  const proven = { body, serialNo: parsed?.serialNo ?? '' };
  expect(gateways.for(merchant.mchid)?.rereadNotify(proven)).toEqual(parsed);
  expect(gateways.notifiesTo(merchant.mchid, 'v2Payment')).toBeUndefined();
  merchants.replace(of(merchant));
  expect(() => gateways.for(merchant.mchid)?.rereadNotify(proven)).toThrow(NotifyRejected);
});
