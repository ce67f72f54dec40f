import { createHash, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { EventEmitter, once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { readTradeBill } from '../../../src/channels/bill-file/trade-bill.js';
import { authenticated } from '../../../src/channels/bill-file/authentic.js';
import type { BillDownload, Gateway } from '../../../src/channels/port.js';
import { createBillDownload } from '../../../src/channels/wechatpay-v3/bill-download.js';
import { createV3Client } from '../../../src/channels/wechatpay-v3/gateway.js';
import { parseBillDate } from '../../../src/reconciliation/rules/day.js';
import { runs } from '../../support/property-runs.js';
import { failureOf } from '../support/failure-of.js';
import { collected, PAYMENT, tradeBill, written } from '../support/bills.js';
import {
  failed,
  fakeMerchant,
  fakeWechatPay,
  isSignedRequest,
  signed,
  type FakeWechatPay,
  type Handler,
} from '../support/fake-wechatpay.js';
import { gatewayOf, withCredentials } from '../support/gateway.js';

const durable = { patience: 'durable' } as const;
const FILE = written(tradeBill([PAYMENT], '1.0,11.05,0.0,0.0,0.07000,12.05,0.0'), { bom: true, lineEnd: '\r\n' });
const SHA1 = createHash('sha1').update(FILE).digest('hex');
const LIMITS = { bill: 100_000, billFile: 100_000 };

let wechat: FakeWechatPay;
let gateway: Gateway;
let clockMs: number;
const deps = () => ({
  now: () => new Date(),
  notifyUrl: () => 'https://pay.example.com/notify/wechatpay/v3/1900000001',
  workers: 1,
  monotonicMs: () => clockMs,
});
beforeEach(async () => {
  clockMs = 0;
  wechat = await fakeWechatPay();
  gateway = gatewayOf(withCredentials(fakeMerchant(wechat.url), { limits: LIMITS }), deps());
});
afterEach(() => wechat.close());

function day(text: string) {
  const date = parseBillDate(text);
  if (!date.ok) throw new Error(`${text} is no day`);
  return date.value;
}

const apply = (kind: 'trade' | 'fundflow' = 'trade', isZipped = false) =>
  gateway.applyForBill({ kind, date: day('2026-11-27'), isZipped }, durable);
const fileUrl = (query = 'token=abc') => `${wechat.url}/v3/billdownload/file?${query}`;
const download = (isZipped = false, url = fileUrl()) => gateway.downloadBill({ url, isZipped }, durable);

async function bytes(downloading: Promise<BillDownload>): Promise<Buffer> {
  const answer = await downloading;
  if (answer.kind !== 'bytes') throw new Error(answer.kind);
  return Buffer.concat(await collected(answer.bytes));
}

/** A download with other bounds, for tests of time and size. */
function downloadWithin(bounds: { idleMs: number; maxBytes: number }): Gateway['downloadBill'] {
  const merchant = withCredentials(fakeMerchant(wechat.url), { limits: LIMITS });
  const { wire, outward } = createV3Client(merchant.credentials, deps());
  return createBillDownload(wire, merchant.credentials, outward, bounds);
}

const sent =
  (body: Uint8Array, headers: Record<string, string> = {}): Handler =>
  (_, response) =>
    void response.writeHead(200, headers).end(body);

/** Promises all of the body, and sends a part of it. */
const cutOff =
  (body: Uint8Array): Handler =>
  (_, response) => {
    response.writeHead(200, { 'Content-Length': String(body.length) });
    response.write(body.subarray(0, body.length / 2), () => response.destroy());
  };

const ready = { hash_type: 'SHA1', hash_value: SHA1.toUpperCase() };

test.each([
  ['trade', false, '/v3/bill/tradebill?bill_date=2026-11-27&bill_type=ALL'],
  ['trade', true, '/v3/bill/tradebill?bill_date=2026-11-27&bill_type=ALL&tar_type=GZIP'],
  ['fundflow', false, '/v3/bill/fundflowbill?bill_date=2026-11-27&account_type=BASIC'],
  ['fundflow', true, '/v3/bill/fundflowbill?bill_date=2026-11-27&account_type=BASIC&tar_type=GZIP'],
] as const)(
  'the %s bill of a day (zipped: %s) is asked for, signed, by date and kind',
  async (kind, isZipped, target) => {
    wechat.answer = signed(200, { ...ready, download_url: fileUrl() });
    expect(await apply(kind, isZipped)).toEqual({ kind: 'ready', url: fileUrl(), sha1: SHA1.toUpperCase() });
    const [seen] = wechat.seen;
    expect(seen).toMatchObject({ method: 'GET', target });
    expect(seen !== undefined && isSignedRequest(seen)).toBe(true);
  },
);

test.each([
  [400, 'NO_STATEMENT_EXIST', { kind: 'none' }],
  [400, 'STATEMENT_CREATING', { kind: 'creating' }],
  [400, 'PARAM_ERROR', { kind: 'refused', refusal: { status: 400, code: 'PARAM_ERROR' } }],
  [400, 'INVALID_REQUEST', { kind: 'refused', refusal: { message: '请核实' } }],
  [403, 'NO_AUTH', { kind: 'refused', refusal: { status: 403, code: 'NO_AUTH' } }],
  [403, 'A_CODE_OF_TOMORROW', { kind: 'refused' }],
])('a request for a bill that is told %i %s has that for an answer', async (status, code, answer) => {
  wechat.answer = failed(status, { code, message: '请核实' });
  expect(await apply()).toMatchObject(answer);
  expect(await apply('fundflow')).toMatchObject(answer);
});

test.each<[string, Handler, string]>([
  ['no signature', failed(200, { ...ready, download_url: 'https://api.mch.weixin.qq.com/f' }), 'unknown'],
  ['no address', signed(200, ready), 'unknown'],
  ['an address that is none', signed(200, { ...ready, download_url: 'file:///etc/passwd' }), 'unknown'],
  [
    'another hash',
    signed(200, { ...ready, hash_type: 'SM3', download_url: 'https://api.mch.weixin.qq.com/f' }),
    'unknown',
  ],
  [
    'half a hash',
    signed(200, { ...ready, hash_value: 'abc', download_url: 'https://api.mch.weixin.qq.com/f' }),
    'unknown',
  ],
  ['HTTP 202', signed(202, { ...ready, download_url: 'https://api.mch.weixin.qq.com/f' }), 'unknown'],
  ['HTTP 500', failed(500, { code: 'NO_STATEMENT_EXIST', message: '' }), 'unknown'],
  ['a body that is not its own', failed(400, '<html>'), 'unknown'],
  ['a broken connection', (_, response) => void response.destroy(), 'unknown'],
  ['a wrong signature', failed(401, { code: 'SIGN_ERROR', message: '' }), 'merchant_config'],
  ['too many calls', failed(429, { code: 'FREQUENCY_LIMITED', message: '' }), 'rate_limited'],
])('%s is no answer to a request for a bill', async (_, handler, code) => {
  wechat.answer = handler;
  expect(await failureOf(apply())).toMatchObject({ code });
});

test.each([
  ['plain', false, FILE],
  ['zipped', true, gzipSync(FILE)],
])('a file comes as it was made, sent %s, and is read and proven as it comes', async (_, isZipped, body) => {
  wechat.answer = sent(body);
  const answer = await download(isZipped);
  if (answer.kind !== 'bytes') throw new Error(answer.kind);
  const file = authenticated(answer.bytes, SHA1.toUpperCase());
  expect(await collected(readTradeBill(file.bytes))).toMatchObject([
    { outTradeNo: 'A-10001' },
    { summary: { count: 1 } },
  ]);
  expect(await file.isAuthentic()).toBe(true);
});

test('an empty body and one without a length are files', async () => {
  wechat.answer = sent(Buffer.alloc(0));
  expect(await bytes(download())).toEqual(Buffer.alloc(0));
  wechat.answer = (_, response) => {
    response.write(FILE.subarray(0, 10));
    response.end(FILE.subarray(10));
  };
  expect(await bytes(download())).toEqual(FILE);
});

test('the address is asked for as it was given, with its query signed', async () => {
  wechat.answer = sent(FILE);
  const token = fc.stringMatching(/^(?:[a-zA-Z0-9\-_.~+/=&?*!():@$,;[\]|^]|%2B|%2F|%3D)*$/);
  await fc.assert(
    fc.asyncProperty(token, async (text) => {
      wechat.seen.length = 0;
      clockMs += 60_000;
      const query = `token=${text}&tartype=gzip`;
      await bytes(download(false, fileUrl(query)));
      const [seen] = wechat.seen;
      expect(seen).toMatchObject({ method: 'GET', target: `/v3/billdownload/file?${query}` });
      expect(seen?.body).toHaveLength(0);
      expect(seen !== undefined && isSignedRequest(seen)).toBe(true);
    }),
    runs(50),
  );
});

test('the file is never zipped on its way alone', async () => {
  wechat.answer = sent(FILE);
  await bytes(download());
  expect(wechat.seen[0]?.headers['accept-encoding']).toBe('identity');
});

test.each([
  [400, 'INVALID_REQUEST'],
  [403, 'NO_AUTH_OF_THIS'],
  [404, 'RESOURCE_NOT_EXISTS'],
])('an address that is answered %i %s is used up', async (status, code) => {
  wechat.answer = failed(status, { code, message: '' });
  expect(await download()).toEqual({ kind: 'expired' });
});

test.each<[string, Handler, object]>([
  ['HTTP 500', failed(500, { code: 'SYSTEM_ERROR', message: '' }), { code: 'unknown', gatewayCode: 'SYSTEM_ERROR' }],
  ['HTTP 502 from a proxy', failed(502, 'Bad Gateway'), { code: 'unknown', refusal: { status: 502 } }],
  ['a page in its place', failed(404, '<html>'), { code: 'unknown', refusal: { status: 404 } }],
  [
    'a page without an end',
    (_, response) => void response.writeHead(404).write('x', () => response.destroy()),
    { code: 'unknown' },
  ],
  ['HTTP 206', failed(206, 'half'), { code: 'unknown', refusal: { status: 206 } }],
  ['HTTP 204', (_, response) => void response.writeHead(204).end(), { code: 'unknown', refusal: { status: 204 } }],
  ['a broken connection', (_, response) => void response.destroy(), { code: 'unknown' }],
  ['a wrong signature', failed(401, { code: 'SIGN_ERROR', message: '' }), { code: 'merchant_config' }],
  [
    'too many calls',
    failed(429, { code: 'FREQUENCY_LIMITED', message: '' }, { 'Retry-After': '3' }),
    { code: 'rate_limited', retryAfterMs: 3_000 },
  ],
])('%s brings no file', async (_, handler, error) => {
  wechat.answer = handler;
  expect(await failureOf(download())).toMatchObject(error);
});

test.each<[string, boolean, Handler, string]>([
  ['that breaks off', false, cutOff(FILE), 'BILL_CUT_OFF'],
  ['that breaks off, zipped', true, cutOff(gzipSync(FILE)), 'BILL_CUT_OFF'],
  ['whose zip ends too early', true, sent(gzipSync(randomBytes(100_000)).subarray(0, -64)), 'BILL_CUT_OFF'],
  ['that is not zipped', true, sent(FILE), 'BILL_NOT_ZIPPED'],
  ['whose zip is damaged', true, sent(gzipSync(randomBytes(1_000)).fill(7, 200, 220)), 'BILL_NOT_ZIPPED'],
])('a file %s (zipped: %s) fails while it is read, and says how', async (_, isZipped, handler, gatewayCode) => {
  wechat.answer = handler;
  expect(await failureOf(bytes(download(isZipped)))).toMatchObject({ code: 'unknown', gatewayCode });
});

test('a redirect is not followed: nobody else gets a signature', async () => {
  const others: string[] = [];
  const other = createServer((request, response) => {
    others.push(request.url ?? '');
    response.end(FILE);
  }).listen(0, '127.0.0.1');
  await once(other, 'listening');
  const elsewhere = `http://127.0.0.1:${(other.address() as AddressInfo).port}/v3/billdownload/file?token=abc`;
  wechat.answer = (_, response) => void response.writeHead(302, { Location: elsewhere }).end();
  expect(await failureOf(download())).toMatchObject({ code: 'unknown', refusal: { status: 302 } });
  expect(await failureOf(download(false, elsewhere))).toMatchObject({
    code: 'merchant_config',
    gatewayCode: 'BILL_ON_ANOTHER_HOST',
  });
  expect(others).toEqual([]);
  other.close();
});

test.each([
  'http://api.mch.weixin.qq.com/v3/billdownload/file?token=a',
  'https://api.mch.weixin.qq.com:8443/v3/billdownload/file?token=a',
  'https://api.mch.weixin.qq.com.example.com/v3/billdownload/file?token=a',
  'https://api.mch.weixin.qq.com@example.com/v3/billdownload/file?token=a',
  'https://user@api.mch.weixin.qq.com/v3/billdownload/file?token=a',
  'http://169.254.169.254/latest/meta-data',
  'http://localhost/v3/billdownload/file?token=a',
  'file:///etc/passwd',
  '/v3/billdownload/file?token=a',
  '',
])('%s is not where a bill is', async (url) => {
  expect(await failureOf(download(false, url))).toMatchObject({ gatewayCode: 'BILL_ON_ANOTHER_HOST' });
});

test("WeChat Pay's own address is one, whatever stands before it", async () => {
  const error = await failureOf(
    gateway.downloadBill(
      { url: 'https://api.mch.weixin.qq.com/v3/billdownload/file?token=a', isZipped: false },
      { patience: 'durable', signal: AbortSignal.abort() },
    ),
  );
  expect(error.gatewayCode).toBeNull();
});

test('a file is read as fast as its reader reads, and no faster', async () => {
  const chunk = Buffer.alloc(64 * 1024, 'x');
  let written = 0;
  wechat.answer = (_, response) => {
    response.writeHead(200);
    const write = (): void => {
      while (written < 2_000 && !response.destroyed) {
        written += 1;
        if (!response.write(chunk)) return void response.once('drain', write);
      }
      response.end();
    };
    write();
  };
  const answer = await download();
  if (answer.kind !== 'bytes') throw new Error(answer.kind);
  let size = 0;
  for await (const piece of answer.bytes) {
    if (size === 0) {
      await new Promise((resolve) => setTimeout(resolve, 300));
      // Of 125 MB as much is under way as sockets hold.
      expect(written).toBeLessThan(500);
    }
    size += piece.length;
  }
  expect(size).toBe(2_000 * chunk.length);
});

test('a file that stops coming is given up', async () => {
  const within = downloadWithin({ idleMs: 60, maxBytes: 1_000_000 });
  for (const [isZipped, body] of [
    [false, FILE],
    [true, gzipSync(FILE).subarray(0, 40)],
  ] as const) {
    wechat.answer = (_, response) => void response.writeHead(200).write(body);
    const reading = bytes(within({ url: fileUrl(), isZipped }, durable));
    expect(await failureOf(reading)).toMatchObject({ code: 'unknown', gatewayCode: 'BILL_STALLED' });
  }
});

test('a reader may take its time', async () => {
  const large = Buffer.alloc(8_000_000);
  wechat.answer = sent(large);
  const answer = await download();
  if (answer.kind !== 'bytes') throw new Error(answer.kind);
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  let size = 0;
  for await (const piece of answer.bytes) {
    if (size === 0) vi.advanceTimersByTime(3_600_000);
    size += piece.length;
  }
  expect(size).toBe(large.length);
});

test('a file that broke off while nobody read it says so to its reader', async () => {
  const broken = new EventEmitter();
  wechat.answer = (_, response) => {
    response.writeHead(200, { 'Content-Length': '1000000' }).write('x');
    broken.once('break', () => response.destroy());
  };
  const answer = await download();
  if (answer.kind !== 'bytes') throw new Error(answer.kind);
  broken.emit('break');
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(await failureOf(collected(answer.bytes))).toMatchObject({ gatewayCode: 'BILL_CUT_OFF' });
});

test('a file larger than any bill is given up, however small its zip', async () => {
  const within = downloadWithin({ idleMs: 10_000, maxBytes: 1_000_000 });
  wechat.answer = sent(gzipSync(Buffer.alloc(1_000_001)));
  const request = { url: fileUrl(), isZipped: true };
  expect(await failureOf(bytes(within(request, durable)))).toMatchObject({ gatewayCode: 'BILL_TOO_LARGE' });
  wechat.answer = sent(gzipSync(Buffer.alloc(1_000_000)));
  expect(await bytes(within(request, durable))).toHaveLength(1_000_000);
});

test('whoever asked may leave: before the answer, within the file, and while nobody reads', async () => {
  const leaving = new AbortController();
  wechat.answer = () => leaving.abort();
  expect(
    await failureOf(gateway.downloadBill({ url: fileUrl(), isZipped: false }, { ...durable, signal: leaving.signal })),
  ).toMatchObject({ code: 'unknown' });

  const later = new AbortController();
  const closed: Promise<unknown>[] = [];
  wechat.answer = (_, response) => {
    closed.push(once(response, 'close'));
    response.writeHead(200).write(FILE);
  };
  const open = () => gateway.downloadBill({ url: fileUrl(), isZipped: false }, { ...durable, signal: later.signal });
  const [read, unread] = [await open(), await open()];
  if (read.kind !== 'bytes' || unread.kind !== 'bytes') throw new Error('expired');
  const reading = failureOf(collected(read.bytes));
  later.abort();
  expect(await reading).toMatchObject({ code: 'unknown', gatewayCode: null });
  await Promise.all(closed);
  expect(await failureOf(collected(unread.bytes))).toMatchObject({ code: 'unknown' });
});

test('a reader that leaves ends the download', async () => {
  let closed: Promise<unknown> = Promise.resolve();
  for (const isZipped of [false, true]) {
    wechat.answer = (_, response) => {
      closed = once(response, 'close');
      response.writeHead(200).write(isZipped ? gzipSync(randomBytes(200_000)) : FILE);
    };
    const answer = await download(isZipped);
    if (answer.kind !== 'bytes') throw new Error(answer.kind);
    for await (const piece of answer.bytes) {
      expect(piece.length).toBeGreaterThan(0);
      break;
    }
    await closed;
  }
});

test('bills and files have limits of their own', async () => {
  gateway = gatewayOf(fakeMerchant(wechat.url), deps());
  wechat.answer = signed(200, { ...ready, download_url: fileUrl() });
  expect(await apply()).toMatchObject({ kind: 'ready' });
  const date = day('2026-11-27');
  const again = gateway.applyForBill({ kind: 'fundflow', date, isZipped: false }, { patience: 'brief' });
  expect(await failureOf(again)).toMatchObject({ code: 'gate_shut' });
  wechat.answer = sent(FILE);
  expect(await bytes(download())).toEqual(FILE);
  expect(wechat.seen).toHaveLength(2);
});

test('a failure tells neither the token nor a signature', async () => {
  const { inspect } = await import('node:util');
  wechat.answer = (_, response) => void response.destroy();
  const lost = await failureOf(download(false, fileUrl('token=sEcReT')));
  wechat.answer = cutOff(FILE);
  const broken = await failureOf(bytes(download(false, fileUrl('token=sEcReT'))));
  const elsewhere = await failureOf(download(false, 'https://example.com/?token=sEcReT'));
  for (const error of [lost, broken, elsewhere]) {
    expect(inspect(error, { depth: 10, showHidden: true })).not.toMatch(/sEcReT|WECHATPAY2|KeyObject|oUpF8u/);
  }
});
