import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Sandbox } from '../../src/sandbox/start.js';
import { retryDelayMs } from '../../src/sandbox/notify/queue.js';
import { startTestSandbox } from '../support/sandbox.js';
import { control, header, merchantOf, open, verified, type Credentials, type Json } from './support/client.js';
import { startReceiver, type Received, type Receiver } from './support/receiver.js';
import { newNumber, prepay, query } from './support/trade.js';
import { until } from '../support/until.js';

let sandbox: Sandbox;
let merchant: Credentials;
let receiver: Receiver;

beforeEach(async () => {
  [sandbox, receiver] = await Promise.all([startTestSandbox(), startReceiver()]);
  merchant = await merchantOf(sandbox);
});
afterEach(async () => {
  await sandbox.close();
  await receiver.close();
});

async function paidTrade(more: Json = {}, headers: Record<string, string> = {}): Promise<string> {
  const outTradeNo = newNumber();
  const made = await prepay(
    sandbox,
    merchant,
    outTradeNo,
    'native',
    { notify_url: receiver.url, ...more },
    { headers },
  );
  expect(made.status).toBe(200);
  await control(sandbox, 'POST', '/pay', { outTradeNo });
  return outTradeNo;
}
const put = (path: string, body: unknown) => control(sandbox, 'PUT', path, body);
const advance = (seconds: number) => control(sandbox, 'POST', '/clock', { advanceSeconds: seconds });
const log = () => control<Json[]>(sandbox, 'GET', '/notifies');
const logged = (count: number) =>
  until('the notifies', async () => ((await log()).length >= count ? log() : undefined));
const numberIn = (received: Received) => open(received.json.resource, merchant.apiV3Key)['out_trade_no'];

describe('a payment notify', () => {
  it('is the signed envelope around the transaction a query shows', async () => {
    const outTradeNo = await paidTrade({ attach: 'mine' });
    const [received] = await receiver.atLeast(1);
    if (!received) throw new Error('nothing came');
    expect(received.json).toMatchObject({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      create_time: expect.stringMatching(/\+08:00$/) as string,
      event_type: 'TRANSACTION.SUCCESS',
      resource_type: 'encrypt-resource',
      summary: '支付成功',
      resource: { original_type: 'transaction', algorithm: 'AEAD_AES_256_GCM', associated_data: 'transaction' },
    });
    expect(String(received.json.resource['nonce'])).toHaveLength(12);
    expect(open(received.json.resource, merchant.apiV3Key)).toEqual((await query(sandbox, merchant, outTradeNo)).json);
    expect(verified(received.headers, received.text, merchant.platformCertificatePem)).toBe(true);
  });

  it("names its headers in WeChat Pay's case", async () => {
    await paidTrade();
    const [received] = await receiver.atLeast(1);
    expect(received?.rawHeaders).toEqual(
      expect.arrayContaining([
        'Wechatpay-Timestamp',
        'Wechatpay-Nonce',
        'Wechatpay-Signature',
        'Wechatpay-Serial',
        'Mozilla/4.0',
      ]),
    );
  });

  it('is not sent for a close', async () => {
    const outTradeNo = newNumber();
    await prepay(sandbox, merchant, outTradeNo, 'native', { notify_url: receiver.url });
    await advance(8 * 86_400);
    await paidTrade();
    expect((await receiver.atLeast(1)).map(numberIn)).not.toContain(outTradeNo);
  });

  it.each([200, 204])('answered with %i is done', async (status) => {
    receiver.answer = status;
    await paidTrade();
    await logged(1);
    await advance(90_000);
    await paidTrade();
    expect((await logged(2)).map((row) => row['attempt'])).toEqual([1, 1]);
  });

  it.each([201, 302, 400, 500])('answered with %i is sent again', async (status) => {
    receiver.answer = (count) => (count === 1 ? status : 204);
    await paidTrade();
    await logged(1);
    await advance(15);
    expect((await logged(2)).map((row) => row['status'])).toEqual([status, 204]);
  });
});

describe('the retries', () => {
  it('are 15, with the same id under fresh signatures, over 24 hours and 4 minutes', async () => {
    receiver.answer = 500;
    await paidTrade();
    await logged(1);
    await advance(24 * 3600 + 4 * 60);
    const rows = await logged(16);
    await advance(7 * 86_400);
    await paidTrade();
    expect((await logged(17)).map((row) => row['attempt'])).toEqual([...Array(16).keys()].map((n) => n + 1).concat(1));
    const first16 = receiver.received.slice(0, 16);
    expect(new Set(rows.map((row) => row['id'])).size).toBe(1);
    expect(new Set(first16.map(({ headers }) => header(headers, 'wechatpay-nonce'))).size).toBe(16);
    for (const { headers, text } of first16)
      expect(verified(headers, text, merchant.platformCertificatePem)).toBe(true);
  });

  it('come at 15 s, 15 s, 30 s, 3 min … and no sooner', async () => {
    const delays = [...Array(16).keys()].map((n) => retryDelayMs(n + 1, 1));
    expect(delays.slice(0, 5)).toEqual([15_000, 15_000, 30_000, 180_000, 600_000]);
    expect(delays[15]).toBeUndefined();
    expect(delays.reduce<number>((sum, ms) => sum + (ms ?? 0), 0)).toBe((24 * 3600 + 4 * 60) * 1000);
    receiver.answer = 500;
    await paidTrade();
    await logged(1);
    await advance(13);
    await advance(3);
    await logged(2);
    expect(receiver.received).toHaveLength(2);
  });

  it('come faster by the time scale', async () => {
    const fast = await startTestSandbox({ timeScale: 1000 });
    try {
      merchant = await merchantOf(fast);
      receiver.answer = (count) => (count < 4 ? 500 : 200);
      const outTradeNo = newNumber();
      await prepay(fast, merchant, outTradeNo, 'native', { notify_url: receiver.url });
      await control(fast, 'POST', '/pay', { outTradeNo });
      expect((await receiver.atLeast(4)).map(numberIn)).toEqual(Array(4).fill(outTradeNo));
    } finally {
      await fast.close();
    }
  });

  it('of several trades come one by one in the order they became due when the clock moves', async () => {
    receiver.answer = 500;
    const [a, b] = [await paidTrade(), await paidTrade()];
    await logged(2);
    receiver.mostAtOnce = 0;
    receiver.thinkMs = 30;
    await advance(65);
    await logged(8);
    expect(receiver.mostAtOnce).toBe(1);
    expect(receiver.received.slice(2).map(numberIn)).toEqual([a, b, a, b, a, b]);
  });

  it('follow silence after 5 seconds', async () => {
    receiver.answer = 'hold';
    const began = Date.now();
    await paidTrade();
    expect((await logged(1))[0]).toMatchObject({ status: null, reason: 'no answer within 5 s', attempt: 1 });
    expect(Date.now() - began).toBeGreaterThanOrEqual(4_990);
    receiver.answer = 204;
    await advance(15);
    expect((await logged(2))[1]).toMatchObject({ status: 204, attempt: 2 });
  });

  it('follow a refused connection', async () => {
    const url = receiver.url;
    await receiver.close();
    await paidTrade({ notify_url: url });
    expect((await logged(1))[0]).toMatchObject({
      status: null,
      url,
      event_type: 'TRANSACTION.SUCCESS',
      mchid: merchant.mchid,
    });
    receiver = await startReceiver();
  });
});

describe('the key of a notify', () => {
  const serials = async (count: number) =>
    (await receiver.atLeast(count)).map(({ headers }) => header(headers, 'wechatpay-serial'));

  it('is the one its prepay named, else the platform certificate', async () => {
    await paidTrade({}, { 'Wechatpay-Serial': merchant.publicKeyId });
    const [received] = await receiver.atLeast(1);
    if (!received) throw new Error('nothing came');
    expect(verified(received.headers, received.text, merchant.publicKeyPem)).toBe(true);
    await paidTrade();
    expect(await serials(2)).toEqual([merchant.publicKeyId, merchant.platformSerialNo]);
  });

  it('is what the signing setting says instead', async () => {
    await put('/signing', { notify: 'publicKey' });
    await paidTrade();
    await receiver.atLeast(1);
    await put('/signing', { notify: 'certificate' });
    await paidTrade({}, { 'Wechatpay-Serial': merchant.publicKeyId });
    expect(await serials(2)).toEqual([merchant.publicKeyId, merchant.platformSerialNo]);
  });

  it('is the public key for the given share, the same for every attempt of one notify', async () => {
    await put('/signing', { notify: 0.5 });
    receiver.answer = 500;
    for (let trade = 0; trade < 20; trade += 1) await paidTrade();
    await logged(20);
    await advance(15);
    await logged(40);
    const byId = new Map<string, Set<string>>();
    for (const { json, headers } of receiver.received) {
      byId.set(json.id, (byId.get(json.id) ?? new Set()).add(header(headers, 'wechatpay-serial')));
    }
    expect([...byId.values()].every((used) => used.size === 1)).toBe(true);
    expect(new Set([...byId.values()].flatMap((used) => [...used])).size).toBe(2);
    await put('/signing', { notify: 1 });
    await paidTrade();
    expect((await serials(41))[40]).toBe(merchant.publicKeyId);
  });
});
