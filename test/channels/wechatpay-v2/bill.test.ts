import { createHash, randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { authenticated } from '../../../src/channels/bill-file/authentic.js';
import { readTradeBill } from '../../../src/channels/bill-file/trade-bill.js';
import type { BillDownload, Gateway } from '../../../src/channels/port.js';
import { createBills } from '../../../src/channels/wechatpay-v2/bill.js';
import { createV2Client } from '../../../src/channels/wechatpay-v2/gateway.js';
import { parseBillDate } from '../../../src/reconciliation/rules/day.js';
import { failureOf } from '../support/failure-of.js';
import { collected, PAYMENT, tradeBill, written } from '../support/bills.js';
import {
  fakeV2Merchant,
  fakeWechatPayV2,
  isSignedV2,
  sentV2,
  v2GatewayOf,
  withSign,
  xmlOf,
  type FakeWechatPayV2,
  type V2Handler,
} from '../support/fake-wechatpay-v2.js';

const durable = { patience: 'durable' } as const;
const FILE = written(tradeBill([PAYMENT], '1.0,11.05,0.0,0.0,0.07000,12.05,0.0'), { bom: true, lineEnd: '\r\n' });
const sha1 = (bytes: Buffer): string => createHash('sha1').update(bytes).digest('hex');
const SHA1 = sha1(FILE);
const LIMITS = { bill: 100_000, billFile: 100_000 };

let wechat: FakeWechatPayV2;
let gateway: Gateway;
beforeEach(async () => {
  wechat = await fakeWechatPayV2();
  gateway = v2GatewayOf(merchant());
});
afterEach(() => wechat.close());

const merchant = () => fakeV2Merchant({ gatewayUrls: [wechat.url], secapiUrls: [wechat.secapiUrl], limits: LIMITS });

function day(text: string) {
  const date = parseBillDate(text);
  if (!date.ok) throw new Error(`${text} is no day`);
  return date.value;
}

const apply = (kind: 'trade' | 'fundflow' = 'trade', isZipped = false) =>
  gateway.applyForBill({ kind, date: day('2026-11-27'), isZipped }, durable);
const url = 'wechatpay-v2:trade/2026-11-27';
const download = (isZipped = false) => gateway.downloadBill({ url, isZipped }, durable);

async function bytes(downloading: Promise<BillDownload>): Promise<Buffer> {
  const answer = await downloading;
  if (answer.kind !== 'bytes') throw new Error(answer.kind);
  return Buffer.concat(await collected(answer.bytes));
}

const cutOff =
  (body: Uint8Array): V2Handler =>
  (_, response) => {
    response.writeHead(200, { 'Content-Length': String(body.length) });
    response.write(body.subarray(0, body.length / 2), () => response.destroy());
  };

test.each([
  ['trade', false, { bill_date: '20261127', bill_type: 'ALL' }, '/pay/downloadbill', undefined],
  ['trade', true, { bill_date: '20261127', bill_type: 'ALL', tar_type: 'GZIP' }, '/pay/downloadbill', undefined],
  ['fundflow', false, { bill_date: '20261127', account_type: 'Basic' }, '/pay/downloadfundflow', '1900000001'],
  ['fundflow', true, { account_type: 'Basic', tar_type: 'GZIP' }, '/pay/downloadfundflow', '1900000001'],
] as const)('the %s bill of a day (zipped: %s) is read for its hash', async (kind, isZipped, fields, path, shown) => {
  wechat.answer = sentV2(isZipped ? gzipSync(FILE) : FILE);
  expect(await apply(kind, isZipped)).toEqual({ kind: 'ready', url: `wechatpay-v2:${kind}/2026-11-27`, sha1: SHA1 });
  const [seen] = wechat.seen;
  expect(seen).toMatchObject({ path, shown, fields: { ...fields, appid: 'wx8888888888888888', mch_id: '1900000001' } });
  expect(seen !== undefined && isSignedV2(seen)).toBe(true);
});

test('the fund-flow bill is signed as it alone may be, whatever the merchant signs with', async () => {
  wechat.answer = sentV2(FILE);
  const { credentials, ...rest } = merchant();
  gateway = v2GatewayOf({ ...rest, credentials: { ...credentials, signType: 'MD5' } });
  await apply('trade');
  await apply('fundflow');
  expect(wechat.seen.map(({ fields }) => fields['sign_type'])).toEqual(['MD5', 'HMAC-SHA256']);
  expect(wechat.seen.map((seen) => isSignedV2(seen))).toEqual([true, true]);
});

test.each([
  ['plain', false, FILE],
  ['zipped', true, gzipSync(FILE)],
  ['plain, though asked for zipped', true, FILE],
  ['zipped, though asked for plain', false, gzipSync(FILE)],
])('a file comes as it was made, sent %s, and is proven by its first reading', async (_, isZipped, body) => {
  wechat.answer = sentV2(body);
  const ready = await apply('trade', isZipped);
  if (ready.kind !== 'ready') throw new Error(ready.kind);
  const answer = await gateway.downloadBill({ url: ready.url, isZipped }, durable);
  if (answer.kind !== 'bytes') throw new Error(answer.kind);
  const file = authenticated(answer.bytes, ready.sha1);
  expect(await collected(readTradeBill(file.bytes))).toMatchObject([
    { outTradeNo: 'A-10001' },
    { summary: { count: 1 } },
  ]);
  expect(await file.isAuthentic()).toBe(true);
});

test('a file that is another one when it is read again is not proven', async () => {
  wechat.answer = sentV2(FILE);
  const ready = await apply();
  if (ready.kind !== 'ready') throw new Error(ready.kind);
  wechat.answer = sentV2(Buffer.concat([FILE, Buffer.from('\r\n')]));
  const answer = await download();
  if (answer.kind !== 'bytes') throw new Error(answer.kind);
  expect(await authenticated(answer.bytes, ready.sha1).isAuthentic()).toBe(false);
});

test.each<[string, Buffer, string, string]>([
  ['the file', FILE, `SHA=${SHA1}`, SHA1],
  ['the file in capitals', FILE, `SHA=${SHA1.toUpperCase()}`, SHA1],
  ['the file before it was zipped', gzipSync(FILE), `SHA=${SHA1}`, SHA1],
  ['the file as it was sent', gzipSync(FILE), `SHA=${sha1(gzipSync(FILE))}`, SHA1],
  ['another file', FILE, `SHA=${'a'.repeat(40)}`, 'a'.repeat(40)],
  ['another file, zipped', gzipSync(FILE), `SHA=${'a'.repeat(40)}`, 'a'.repeat(40)],
  ['nothing that is known', FILE, 'SM3=abc', SHA1],
])('a hash that WeChat Pay announces of %s is kept to', async (_, body, Digest, expected) => {
  wechat.answer = sentV2(body, 200, { Digest });
  expect(await apply('fundflow', true)).toMatchObject({ kind: 'ready', sha1: expected });
});

const failure = (fields: Record<string, string>): V2Handler => sentV2(xmlOf({ return_code: 'FAIL', ...fields }));

test.each<[string, V2Handler, object]>([
  ['No Bill Exist', failure({ return_msg: 'No Bill Exist', error_code: '20002' }), { kind: 'none' }],
  [
    'NO_BILL_EXIST',
    sentV2(xmlOf({ return_code: 'SUCCESS', result_code: 'FAIL', err_code: 'NO_BILL_EXIST' })),
    { kind: 'none' },
  ],
  [
    'NO_Bill_Exist, signed',
    sentV2(xmlOf(withSign({ result_code: 'FAIL', err_code: 'NO_Bill_Exist' }))),
    { kind: 'none' },
  ],
  ['Bill Creating', failure({ return_msg: 'Bill Creating', error_code: '20002' }), { kind: 'creating' }],
  ['20002 alone', failure({ return_msg: '账单', error_code: '20002' }), { kind: 'creating' }],
  [
    'invalid bill_type',
    failure({ return_msg: 'invalid bill_type', error_code: '20001' }),
    { kind: 'refused', refusal: { status: 200, code: 'invalid bill_type', message: 'invalid bill_type' } },
  ],
  [
    'NOAUTH',
    failure({ err_code: 'NOAUTH', err_code_des: '商户无此接口权限' }),
    { kind: 'refused', refusal: { message: '商户无此接口权限' } },
  ],
])('a request for a bill that is told %s has that for an answer', async (_, handler, answer) => {
  wechat.answer = handler;
  expect(await apply()).toMatchObject(answer);
  expect(await apply('fundflow', true)).toMatchObject(answer);
});

test.each<[string, V2Handler, string]>([
  ['SIGN ERROR', failure({ return_msg: 'SIGN ERROR', error_code: '20001' }), 'merchant_config'],
  ['签名错误', failure({ return_msg: '签名错误' }), 'merchant_config'],
  [
    'an appid that is not bound',
    failure({ return_msg: 'appid和mch_id不匹配', error_code: '20001' }),
    'merchant_config',
  ],
  ['SYSTEMERROR', failure({ return_msg: 'SYSTEMERROR' }), 'unknown'],
  ['CompressGZip Error', failure({ return_msg: 'CompressGZip Error', error_code: '20007' }), 'unknown'],
  ['nothing that is known', failure({ return_msg: '系统繁忙' }), 'unknown'],
  ['a page', sentV2('<html>blocked</html>'), 'unknown'],
  ['nothing', sentV2(''), 'unknown'],
  ['HTTP 500', sentV2(FILE, 500), 'unknown'],
  ['HTTP 204', sentV2('', 204), 'unknown'],
  ['a redirect', sentV2('', 302, { location: 'https://example.com/' }), 'unknown'],
  ['too many calls', sentV2('', 429), 'rate_limited'],
  ['a broken connection', (_, response) => void response.destroy(), 'unknown'],
  ['a file that breaks off', cutOff(FILE), 'unknown'],
  ['a zip that breaks off', cutOff(gzipSync(randomBytes(10_000))), 'unknown'],
  ['a zip that is damaged', sentV2(gzipSync(randomBytes(1_000)).fill(7, 200, 220)), 'unknown'],
])('%s is no answer to a request for a bill', async (_, handler, code) => {
  wechat.answer = handler;
  expect(await failureOf(apply('trade', true))).toMatchObject({ code });
});

test('what is no file any more when it is fetched is to be asked for again', async () => {
  wechat.answer = failure({ return_msg: 'Bill Creating', error_code: '20002' });
  expect(await download()).toEqual({ kind: 'expired' });
  wechat.answer = failure({ return_msg: 'SIGN ERROR' });
  expect(await failureOf(download())).toMatchObject({ code: 'merchant_config' });
});

test.each(['https://api.mch.weixin.qq.com/f', 'wechatpay-v2:trade/2026-13-45', 'wechatpay-v2:other/2026-11-27', ''])(
  '%j is not the address of a bill',
  async (address) => {
    const call = gateway.downloadBill({ url: address, isZipped: false }, durable);
    expect(await failureOf(call)).toMatchObject({ gatewayCode: 'BILL_ON_ANOTHER_HOST' });
    expect(wechat.seen).toHaveLength(0);
  },
);

test('a file that stops coming or has no end is given up', async () => {
  const client = createV2Client(merchant().credentials, { now: () => new Date(), notifyUrl: () => '', workers: 1 });
  const calls = { ...client.wire, mchid: merchant().mchid, appids: ['wx8888888888888888'] };
  const within = createBills(calls, { idleMs: 60, maxBytes: 1_000_000 });
  wechat.answer = (_, response) => void response.writeHead(200).write(FILE);
  const request = { kind: 'trade', date: day('2026-11-27'), isZipped: false } as const;
  expect(await failureOf(within.applyForBill(request, durable))).toMatchObject({ gatewayCode: 'BILL_STALLED' });
  wechat.answer = sentV2(gzipSync(Buffer.alloc(2_000_000)));
  expect(await failureOf(within.applyForBill(request, durable))).toMatchObject({ gatewayCode: 'BILL_TOO_LARGE' });
});

test('the caller may give up while a file is read', async () => {
  const controller = new AbortController();
  wechat.answer = (_, response) => {
    response.writeHead(200).write(FILE);
    setTimeout(() => controller.abort(), 50);
  };
  const request = { kind: 'trade', date: day('2026-11-27'), isZipped: false } as const;
  const call = gateway.applyForBill(request, { ...durable, signal: controller.signal });
  expect(await failureOf(call)).toMatchObject({ code: 'unknown', gatewayCode: null });
});

test('an answer that says nothing is given up like any other call', async () => {
  wechat.answer = (_, response) => {
    response.writeHead(200).flushHeaders();
  };
  const request = { kind: 'trade', date: day('2026-11-27'), isZipped: false } as const;
  expect(await failureOf(gateway.applyForBill(request, { patience: 'brief' }))).toMatchObject({ code: 'unknown' });
});

test('bytes are read as they come, whatever stands first in them', async () => {
  wechat.answer = sentV2(Buffer.from('`a,`b\n'));
  expect(await bytes(download())).toEqual(Buffer.from('`a,`b\n'));
});
