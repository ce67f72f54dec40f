import { generateKeyPairSync } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createGateways } from '../../src/channels/gateways.js';
import { createMerchants, type Merchant } from '../../src/channels/merchant.js';
import { NotifyRejected } from '../../src/channels/port.js';
import {
  API_V3_KEY,
  fakeMerchant,
  fakeWechatPay,
  isSignedRequest,
  signatureHeaders,
  type FakeWechatPay,
} from './support/fake-wechatpay.js';
import { withCredentials } from './support/gateway.js';
import type { V3Merchant } from './support/merchant.js';
import { seal } from './support/seal.js';
import { mchid, outTradeNo } from './support/values.js';

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
