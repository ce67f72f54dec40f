import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Gateway, NotifyReader } from '../../../src/channels/port.js';
import { authenticated } from '../../../src/channels/bill-file/authentic.js';
import { readFundBill } from '../../../src/channels/bill-file/fund-bill.js';
import { readTradeBill } from '../../../src/channels/bill-file/trade-bill.js';
import { signKey } from '../../../src/channels/wechatpay-v2/signature.js';
import { differencesOf } from '../../../src/reconciliation/rules/bill-sums.js';
import { HOUR } from '../../../src/base/time.js';
import { beijingDate, daysAfter, startOf, type BillDate } from '../../../src/reconciliation/rules/day.js';
import { collected } from '../support/bills.js';
import type { V2Merchant } from '../support/fake-wechatpay-v2.js';
import { v2GatewayIn, v2MerchantOf } from '../support/sandbox-v2.js';
import { sandboxUnderTest, type SandboxUnderTest } from '../support/sandbox.js';
import { attempt, outRefundNo, outTradeNo, refundOf } from '../support/values.js';

const durable = { patience: 'durable' } as const;
const brief = { patience: 'brief' } as const;

let sandbox: SandboxUnderTest;
let merchant: V2Merchant;
let gateway: Gateway & NotifyReader;
beforeAll(async () => {
  sandbox = await sandboxUnderTest();
  merchant = await v2MerchantOf(sandbox, sandbox.merchant('publicKey').credentials.gatewayUrls[0]);
  gateway = v2GatewayIn(sandbox, merchant);
  // No midnight comes before the day is over.
  const now = await clock();
  const noonMs = startOf(daysAfter(beijingDate(now), 1)).getTime() + 12 * HOUR;
  await sandbox.control('POST', '/clock', { advanceSeconds: Math.ceil((noonMs - now.getTime()) / 1_000) });
});
afterEach(() => sandbox.control('DELETE', '/faults'));
afterAll(() => sandbox.close());

const asked = (number: string) => ({ outTradeNo: outTradeNo(number) });

async function bodyOf(number: string, changes: object = {}): Promise<string> {
  const expiresAt = new Date((await clock()).getTime() + 3_600_000);
  return gateway.prepayBody(attempt({ ...asked(number), appid: sandbox.credentials.appid, expiresAt, ...changes }));
}

async function opened(number: string, by: Gateway = gateway): Promise<string> {
  const body = await bodyOf(number);
  expect(await by.prepay({ product: 'native', body }, durable)).toMatchObject({ kind: 'opened' });
  return body;
}

async function clock(): Promise<Date> {
  const { now } = (await sandbox.control('GET', '/clock')) as { now: string };
  return new Date(now);
}

const fault = (on: string, kind: string, more: object = {}) =>
  sandbox.control('POST', '/faults', [{ on, kind, ...more }]);

test.each(['HMAC-SHA256', 'MD5'] as const)(
  'an order is opened, seen unpaid, paid and seen paid (%s)',
  async (signType) => {
    const by = v2GatewayIn(sandbox, { ...merchant, credentials: { ...merchant.credentials, signType } });
    const number = `happy-${signType.slice(0, 3)}`;
    await opened(number, by);
    expect(await by.query(asked(number), brief)).toEqual({ kind: 'notPaid' });

    const notify = await by.parseNotify(await sandbox.payAndReceive(number));
    const { mchid, appid } = sandbox.credentials;
    const trade = { mchid, appid, tradeType: 'NATIVE', totalFen: 1_205, currency: 'CNY' };
    expect(notify).toMatchObject({ kind: 'payment', outTradeNo: number, evidence: trade });
    const answer = await by.query(asked(number), brief);
    const transactionId = notify.kind === 'payment' ? notify.evidence.transactionId : undefined;
    expect(answer).toMatchObject({ kind: 'paid', trade: { ...trade, transactionId } });
    expect(answer.kind === 'paid' && answer.trade.successAtMs).toBeGreaterThan(0);
  },
);

test('a trade has one life, whatever protocol asks about it', async () => {
  await opened('both-ways');
  const v3 = sandbox.gateway('publicKey');
  expect(await v3.query(asked('both-ways'), durable)).toEqual({ kind: 'notPaid' });
  await sandbox.payAndReceive('both-ways');
  expect(await v3.query(asked('both-ways'), durable)).toMatchObject({ kind: 'paid', trade: { totalFen: 1_205 } });
});

test.each(['timeoutAfter', 'timeoutBefore'])(
  'a prepay that meets %s is unknown, and is told by the next try',
  async (kind) => {
    const number = `lost-${kind}`;
    const body = await bodyOf(number);
    await fault('prepay', kind);
    await expect(gateway.prepay({ product: 'native', body }, brief)).rejects.toMatchObject({ code: 'unknown' });
    expect(await gateway.query(asked(number), durable)).toEqual({
      kind: kind === 'timeoutAfter' ? 'notPaid' : 'notExist',
    });
    expect(await gateway.prepay({ product: 'native', body }, durable)).toMatchObject({ kind: 'opened' });
  },
);

test.each(['http500', 'badSignature'])('an answer with %s is unknown and the next one counts', async (kind) => {
  await opened(`answer-${kind}`);
  await fault('query', kind);
  await expect(gateway.query(asked(`answer-${kind}`), durable)).rejects.toMatchObject({ code: 'unknown' });
  expect(await gateway.query(asked(`answer-${kind}`), durable)).toEqual({ kind: 'notPaid' });
});

test('changed parameters under the same number say that somebody else took it, the same ones a fresh code', async () => {
  const body = await opened('re-entry');
  expect(await gateway.prepay({ product: 'native', body }, durable)).toMatchObject({ kind: 'opened' });
  const other = JSON.stringify({ ...(JSON.parse(body) as object), body: 'something else' });
  expect(await gateway.prepay({ product: 'native', body: other }, durable)).toMatchObject({ kind: 'taken' });
});

test('no close before five minutes, then paid and closed trades say what they are', async () => {
  const at = await clock();
  const body = await opened('is-closed');
  const paid = await opened('is-paid');
  expect(await gateway.close({ ...asked('is-closed'), openedAtMs: Date.now() }, durable)).toMatchObject({
    kind: 'tooEarly',
  });
  await expect(gateway.close(asked('is-closed'), durable)).rejects.toMatchObject({
    code: 'unknown',
    gatewayCode: 'INVALID_REQUEST',
  });
  await sandbox.control('POST', '/clock', { advanceSeconds: 301 });
  expect((await clock()).getTime()).toBeGreaterThan(at.getTime() + 300_000);
  expect(await gateway.close(asked('is-closed'), durable)).toEqual({ kind: 'accepted' });
  expect(await gateway.close(asked('is-closed'), durable)).toEqual({ kind: 'alreadyClosed' });
  expect(await gateway.query(asked('is-closed'), durable)).toEqual({ kind: 'closed' });
  expect(await gateway.prepay({ product: 'native', body }, durable)).toMatchObject({
    kind: 'conflict',
    refusal: { code: 'ORDERCLOSED' },
  });
  await sandbox.payAndReceive('is-paid');
  expect(await gateway.close(asked('is-paid'), durable)).toEqual({ kind: 'alreadyPaid' });
  expect(await gateway.prepay({ product: 'native', body: paid }, durable)).toMatchObject({
    kind: 'conflict',
    refusal: { code: 'ORDERPAID' },
  });
  expect(await gateway.close(asked('is-nothing'), durable)).toEqual({ kind: 'notExist' });
});

test('a wrong key and an appid that is not bound are matters for a person', async () => {
  const stranger = v2GatewayIn(sandbox, {
    ...merchant,
    credentials: { ...merchant.credentials, apiV2Key: signKey('ffffffffffffffffffffffffffffffff') },
  });
  await expect(stranger.query(asked('A-10001'), durable)).rejects.toMatchObject({
    code: 'merchant_config',
    gatewayCode: 'SIGNERROR',
  });
  const unbound = v2GatewayIn(sandbox, { ...merchant, appids: { native: ['wx0000000000000000'] } });
  await expect(unbound.query(asked('A-10001'), durable)).rejects.toMatchObject({
    code: 'merchant_config',
    gatewayCode: 'APPID_MCHID_NOT_MATCH',
  });
});

test('text of any language arrives as it was signed', async () => {
  const texts = { description: '普洱茶 / "红" \\ <&> ]]> 😀', attach: 'a/b é &amp;' };
  const body = await bodyOf('any-language', texts);
  expect(await gateway.prepay({ product: 'native', body }, durable)).toMatchObject({ kind: 'opened' });
  expect(await gateway.parseNotify(await sandbox.payAndReceive('any-language'))).toMatchObject({ kind: 'payment' });
});

test.each([
  ['wrongKey', 'bad_signature'],
  ['badSignature', 'bad_signature'],
])('a payment notify with %s is rejected as %s', async (kind, code) => {
  await opened(`bad-${kind}`);
  await fault('notify', kind);
  const notify = await sandbox.payAndReceive(`bad-${kind}`);
  await expect(gateway.parseNotify(notify)).rejects.toMatchObject({ name: 'NotifyRejected', code });
});

async function refunded(number: string) {
  await opened(number);
  await sandbox.payAndReceive(number);
  const refund = refundOf({ ...asked(number), outRefundNo: outRefundNo(`R-${number}`) });
  return { refund, answer: await gateway.refund(refund, durable) };
}

test.each([
  ['SUCCESS', 'succeeded'],
  ['ABNORMAL', 'abnormal'],
  ['CLOSED', 'closed'],
] as const)('a refund is accepted with the certificate, and ends as %s', async (word, status) => {
  await sandbox.control('PUT', '/settings', { refundDelayMs: 3_600_000 });
  const number = `back-${word}`;
  const { refund, answer } = await refunded(number);
  const fact = { outRefundNo: `R-${number}`, outTradeNo: number, refundFen: 405, totalFen: 1_205 };
  expect(answer).toMatchObject({ kind: 'accepted', refund: { ...fact, status: 'processing' } });
  expect(await gateway.refund(refund, durable)).toEqual(answer);
  expect(await gateway.queryRefund(refund, durable)).toMatchObject({ kind: 'found', refund: { status: 'processing' } });
  const notify = await gateway.parseNotify(await sandbox.settleAndReceive(refund.outRefundNo, word));
  const refundId = answer.kind === 'accepted' ? answer.refund.refundId : '';
  expect(notify).toMatchObject({
    kind: 'refund',
    outTradeNo: number,
    outRefundNo: `R-${number}`,
    evidence: { refundId, status },
  });
  expect(await gateway.queryRefund(refund, durable)).toMatchObject({
    kind: 'found',
    refund: { ...fact, refundId, status },
  });
  const trade = await gateway.query(asked(number), durable);
  expect(trade.kind).toBe(word === 'CLOSED' ? 'paid' : 'refunded');
});

test('a refund without the certificate, or of another merchant, is a matter for a person', async () => {
  const refund = refundOf({ ...asked('back-SUCCESS'), outRefundNo: outRefundNo('R-plain') });
  const { gatewayUrls: secapiUrls } = merchant.credentials;
  const plain = v2GatewayIn(sandbox, { ...merchant, credentials: { ...merchant.credentials, secapiUrls } });
  await expect(plain.refund(refund, durable)).rejects.toMatchObject({
    code: 'merchant_config',
    gatewayCode: 'CERTIFICATE_REFUSED',
  });
  const distrusting = v2GatewayIn(sandbox, {
    ...merchant,
    credentials: { ...merchant.credentials, secapiCa: undefined },
  });
  await expect(distrusting.refund(refund, durable)).rejects.toMatchObject({
    code: 'merchant_config',
    gatewayCode: 'SERVER_NOT_TRUSTED',
  });
});

test('refunds that cannot be are told apart', async () => {
  await sandbox.control('POST', '/clock', { advanceSeconds: 120 });
  const refund = (changes: object) => gateway.refund(refundOf({ ...asked('back-SUCCESS'), ...changes }), durable);
  expect(await refund({ ...asked('is-nowhere'), outRefundNo: outRefundNo('R-1') })).toMatchObject({
    kind: 'refused',
    refusal: { code: 'ORDERNOTEXIST' },
  });
  expect(await refund({ outRefundNo: outRefundNo('R-2'), amountFen: 1_205 })).toMatchObject({
    kind: 'conflict',
    refusal: { code: 'ERROR' },
  });
  expect(await gateway.queryRefund({ outRefundNo: outRefundNo('R-3') }, durable)).toEqual({ kind: 'notExist' });
});

test('a day is read to the fen, and its movements add up, zipped or not', async () => {
  const day = beijingDate(await clock());
  await sandbox.control('POST', '/clock', { advanceSeconds: 2 * 86_400 });
  for (const isZipped of [false, true]) {
    const trades = await file('trade', day, isZipped);
    const lines = await collected(readTradeBill(trades.bytes));
    const end = lines.at(-1);
    if (end === undefined || !('summary' in end)) throw new Error('no end');
    expect(lines.length).toBeGreaterThan(10);
    expect(differencesOf(end.summary, end.sums)).toEqual([]);
    expect(await trades.isAuthentic()).toBe(true);
  }
  for (const isZipped of [false, true]) {
    const funds = await file('fundflow', day, isZipped);
    const movements = await collected(readFundBill(funds.bytes));
    const end = movements.at(-1);
    if (end === undefined || !('summary' in end)) throw new Error('no end');
    expect(movements.length).toBeGreaterThan(10);
    expect(differencesOf(end.summary, end.sums)).toEqual([]);
    expect(await funds.isAuthentic()).toBe(true);
  }
});

test('a day on which nothing moved has no bill; one under way has none yet', async () => {
  const now = await clock();
  const ofDay = (kind: 'trade' | 'fundflow', days: number) =>
    gateway.applyForBill({ kind, date: daysAfter(beijingDate(now), days), isZipped: true }, durable);
  for (const kind of ['trade', 'fundflow'] as const) {
    expect(await ofDay(kind, -20)).toEqual({ kind: 'none' });
    expect(await ofDay(kind, 1)).toMatchObject({ kind: 'refused', refusal: { status: 200 } });
    await fault('bill', 'creating');
    expect(await ofDay(kind, -2)).toEqual({ kind: 'creating' });
  }
});

test('a file of movements that is not the one that was announced is found out', async () => {
  await fault('bill', 'wrongHash');
  const { isAuthentic } = await file('fundflow', daysAfter(beijingDate(await clock()), -2), true);
  expect(await isAuthentic()).toBe(false);
});

test('a file that breaks off is no bill', async () => {
  const day = daysAfter(beijingDate(await clock()), -2);
  await fault('bill', 'truncated');
  const call = gateway.applyForBill({ kind: 'trade', date: day, isZipped: true }, durable);
  await expect(call).rejects.toMatchObject({ name: 'GatewayError', code: 'unknown' });
});

async function file(kind: 'trade' | 'fundflow', date: BillDate, isZipped: boolean) {
  const ready = await gateway.applyForBill({ kind, date, isZipped }, durable);
  if (ready.kind !== 'ready') throw new Error(ready.kind);
  const answer = await gateway.downloadBill({ url: ready.url, isZipped }, durable);
  if (answer.kind !== 'bytes') throw new Error(answer.kind);
  return authenticated(answer.bytes, ready.sha1);
}
