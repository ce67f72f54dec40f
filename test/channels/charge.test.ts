import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Gateway } from '../../src/channels/port.js';
import { allOf, AUTH_CODE, charging } from './support/charges.js';
import { failureOf } from './support/failure-of.js';
import { fakeV2Merchant, fakeWechatPayV2, refusedV2, sentV2, v2GatewayOf } from './support/fake-wechatpay-v2.js';
import { failed, fakeWechatPay } from './support/fake-wechatpay.js';
import { gatewayOf, withCredentials } from './support/gateway.js';

const limits = { charge: 1_000 };
const LIMITED = { 'Retry-After': '7' };
/** What WeChat Pay says where it repeats the code. */
const WORDS = `付款码${AUTH_CODE}无效`;

type WechatPay = {
  readonly gateway: Gateway;
  refuse(code: string): void;
  limit(): void;
  seen(): number;
  close(): Promise<void>;
};

async function overV2(): Promise<WechatPay> {
  const wechat = await fakeWechatPayV2();
  return {
    gateway: v2GatewayOf(fakeV2Merchant({ gatewayUrls: [wechat.url], secapiUrls: [wechat.secapiUrl], limits })),
    refuse: (code) => (wechat.answer = refusedV2(code, WORDS)),
    limit: () => (wechat.answer = sentV2('', 429, LIMITED)),
    seen: () => wechat.seen.length,
    close: () => wechat.close(),
  };
}

async function overV3(): Promise<WechatPay> {
  const wechat = await fakeWechatPay();
  const notifyUrl = () => 'https://pay.example.com/notify/wechatpay/v3/1900000001';
  const detail = { field: '/payer/auth_code', value: AUTH_CODE, issue: `${AUTH_CODE} is not valid` };
  return {
    gateway: gatewayOf(withCredentials(wechat.merchant, { limits }), { now: () => new Date(), notifyUrl, workers: 1 }),
    refuse: (code) => (wechat.answer = failed(400, { code, message: WORDS, detail })),
    limit: () => (wechat.answer = failed(429, { code: 'FREQUENCY_LIMITED', message: '' }, LIMITED)),
    seen: () => wechat.seen.length,
    close: () => wechat.close(),
  };
}

describe.each([
  ['v2', overV2],
  ['v3', overV3],
])('a charge over API %s', (_name, start) => {
  let wechat: WechatPay;
  beforeEach(async () => {
    wechat = await start();
  });
  afterEach(() => wechat.close());

  const charge = () => charging(wechat.gateway, 'durable').answer;

  test("WeChat Pay's words are kept without the code that they repeat", async () => {
    wechat.refuse('AUTH_CODE_INVALID');
    const refused = await charge();
    expect(refused).toMatchObject({ refusal: { message: '付款码[code]无效' } });
    expect(allOf(refused)).not.toContain(AUTH_CODE);
    wechat.refuse('A_CODE_OF_TOMORROW');
    expect(allOf(await failureOf(charge()))).not.toContain(AUTH_CODE);
  });

  test('a gateway that nobody listens at took nothing, and its error names no code', async () => {
    await wechat.close();
    const error = await failureOf(charge());
    expect(error).toMatchObject({ code: 'unreachable' });
    expect(allOf(error)).not.toContain(AUTH_CODE);
    wechat = await start();
  });

  test('a shut gate costs no code: it is not claimed until the call may leave', async () => {
    wechat.limit();
    const limited = charging(wechat.gateway, 'brief');
    expect(await failureOf(limited.answer)).toMatchObject({ code: 'rate_limited' });
    const turnedAway = charging(wechat.gateway, 'brief');
    expect(await failureOf(turnedAway.answer)).toMatchObject({ code: 'gate_shut' });
    expect([limited.claims.count, turnedAway.claims.count, wechat.seen()]).toEqual([1, 0, 1]);
  });

  test('what a claim throws is thrown, and nothing leaves', async () => {
    const taken = new Error('taken');
    const answer = wechat.gateway.charge({ claim: () => Promise.reject(taken) }, { patience: 'durable' });
    await expect(answer).rejects.toBe(taken);
    expect(wechat.seen()).toBe(0);
  });
});
