import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createOutward, type DomainCall } from '../../../src/channels/outward/outward.js';
import type { Gateway } from '../../../src/channels/port.js';
import { collected } from '../support/bills.js';
import { charging } from '../support/charges.js';
import { deadPort, door, NO_SUCH_NAME, silence, strangersCertificate } from '../support/dead-ends.js';
import { failureOf } from '../support/failure-of.js';
import {
  fakeV2Merchant,
  fakeWechatPayV2,
  isSignedV2,
  refusedV2,
  sentV2,
  signedV2,
  v2GatewayOf,
} from '../support/fake-wechatpay-v2.js';
import {
  failed,
  fakeMerchant,
  fakeWechatPay,
  isSignedRequest,
  signatureHeaders,
  type Handler,
} from '../support/fake-wechatpay.js';
import { gatewayOf, withCredentials } from '../support/gateway.js';
import { outTradeNo, refundOf } from '../support/values.js';

const brief = { patience: 'brief' } as const;
const durable = { patience: 'durable' } as const;
const asked = { outTradeNo: outTradeNo('A-10001') };
const LIMITS = { close: 10_000, charge: 10_000, refund: 10_000 };

type Asked = { readonly host: string | undefined; readonly isSigned: boolean };

/** A gateway in the place of WeChat Pay's at one of its domains. */
type Domain = {
  readonly url: string;
  seen(): readonly Asked[];
  /** Takes closes, and refuses the codes of charges. */
  serve(): void;
  /** Reads each request whole, and ends the connection without an answer. */
  die(): void;
  fail(): void;
  close(): Promise<void>;
};

let nowMs: number;
let told: DomainCall[];
let domains: Domain[];

const outwardOf = () => {
  const outward = createOutward({ monotonicMs: () => nowMs });
  outward.onCall((call) => told.push(call));
  return outward;
};

async function v3Domain(): Promise<Domain> {
  const wechat = await fakeWechatPay();
  const accepted: Handler = ({ target }, response) =>
    target.includes('/close')
      ? response.writeHead(204, signatureHeaders('')).end()
      : failed(400, { code: 'AUTH_CODE_INVALID', message: '' })({} as never, response);
  return {
    url: wechat.url,
    seen: () => wechat.seen.map((it) => ({ host: it.headers.host, isSigned: isSignedRequest(it) })),
    serve: () => (wechat.answer = accepted),
    die: () => (wechat.answer = (_, response) => response.destroy()),
    fail: () => (wechat.answer = failed(502, '<html>')),
    close: () => wechat.close(),
  };
}

async function v2Domain(): Promise<Domain> {
  const wechat = await fakeWechatPayV2();
  return {
    url: wechat.url,
    seen: () => wechat.seen.map((it) => ({ host: it.headers.host, isSigned: isSignedV2(it) })),
    serve: () =>
      (wechat.answer = (seen, response) =>
        (seen.path === '/pay/closeorder' ? signedV2({}) : refusedV2('AUTH_CODE_INVALID'))(seen, response)),
    die: () => (wechat.answer = (_, response) => response.destroy()),
    fail: () => (wechat.answer = sentV2('<html>', 502)),
    close: () => wechat.close(),
  };
}

type Urls = readonly [string, ...string[]];

const overV3 = (gatewayUrls: Urls): Gateway =>
  gatewayOf(withCredentials(fakeMerchant(gatewayUrls[0]), { gatewayUrls, limits: LIMITS }), {
    now: () => new Date(),
    notifyUrl: () => 'https://pay.example.com/notify/wechatpay/v3/1900000001',
    ...{ workers: 1, monotonicMs: () => nowMs, outward: outwardOf() },
  });

const overV2 = (gatewayUrls: Urls): Gateway =>
  v2GatewayOf(fakeV2Merchant({ gatewayUrls, secapiUrls: gatewayUrls, limits: LIMITS }), {
    ...{ monotonicMs: () => nowMs, outward: outwardOf() },
  });

beforeEach(() => {
  nowMs = 0;
  told = [];
  domains = [];
});
afterEach(() => Promise.all(domains.map((domain) => domain.close())));

describe.each([
  ['v2', v2Domain, overV2],
  ['v3', v3Domain, overV3],
])('over API %s', (_, startDomain, gatewayAt) => {
  const start = async (): Promise<Domain> => {
    const domain = await startDomain();
    domains.push(domain);
    domain.serve();
    return domain;
  };
  const outcomes = () => told.map(({ outcome }) => outcome);

  test.each([
    ['a port that nobody listens at', deadPort],
    ['a name that nobody knows', () => Promise.resolve(NO_SUCH_NAME)],
    ['a TLS handshake without an end', async () => (await silence()).url],
    ["somebody else's certificate", strangersCertificate],
  ])('after %s the next domain is tried', async (_name, makeEnd) => {
    const second = await start();
    const end = await makeEnd();
    expect(await gatewayAt([end, second.url]).close(asked, durable)).toMatchObject({ kind: 'accepted' });
    expect(second.seen()).toEqual([{ host: new URL(second.url).host, isSigned: true }]);
    expect(told).toEqual([
      { host: new URL(end).host, outcome: 'unreachable' },
      { host: new URL(second.url).host, outcome: 'answered' },
    ]);
  });

  // A machine that is busy may need the second that is left for the answer alone.
  test('a brief call has time for the next domain too', { retry: 5 }, async () => {
    const second = await start();
    const gateway = gatewayAt([(await silence()).url, second.url]);
    expect(await gateway.close(asked, brief)).toMatchObject({ kind: 'accepted' });
  });

  test('where no domain can be reached nothing was sent', async () => {
    const gateway = gatewayAt([await deadPort(), NO_SUCH_NAME, await deadPort(), (await silence()).url]);
    expect(await failureOf(gateway.close(asked, brief))).toMatchObject({ code: 'unreachable' });
  });

  test('a connection that the time of the call was too short for has carried nothing', async () => {
    const { url } = await silence();
    expect(await failureOf(gatewayAt([url]).close(asked, brief))).toMatchObject({ code: 'unreachable' });
  });

  test.each(['die', 'fail'] as const)('after a request that a domain has seen (%s) no other is asked', async (how) => {
    const [first, second] = [await start(), await start()];
    first[how]();
    const gateway = gatewayAt([first.url, second.url]);
    expect(await failureOf(gateway.close(asked, brief))).toMatchObject({ code: 'unknown' });
    expect(await failureOf(gateway.refund(refundOf(asked), brief))).toMatchObject({ code: 'unknown' });
    expect(await failureOf(charging(gateway, 'brief').answer)).toMatchObject({ code: 'unknown' });
    expect([first.seen().length, second.seen().length]).toEqual([3, 0]);
  });

  test('a charge goes to the next domain while nothing has left, once claimed and once sent', async () => {
    const second = await start();
    const charge = charging(gatewayAt([await deadPort(), second.url]), 'durable');
    expect(await charge.answer).toMatchObject({ kind: 'refused' });
    expect([charge.claims.count, second.seen().length]).toEqual([1, 1]);
  });

  test('a dead first domain is tried again after a minute, then after two and four, then every five', async () => {
    const gateway = gatewayAt([await deadPort(), (await start()).url]);
    const tried: number[] = [];
    for (const atMs of [0, 59_999, 60_000, 179_999, 180_000, 419_999, 420_000, 719_999, 720_000, 1_020_000]) {
      nowMs = atMs;
      await Promise.all([1, 2].map(() => gateway.close(asked, durable)));
      tried.push(outcomes().filter((outcome) => outcome === 'unreachable').length);
    }
    // Two calls at once find it out together the first time; later one of them does for both.
    expect(tried).toEqual([2, 2, 3, 3, 4, 4, 5, 5, 6, 7]);
  });

  test('a domain that answers again is the first again', async () => {
    const [first, second] = [await start(), await start()];
    const way = await door(first.url);
    const gateway = gatewayAt([way.url, second.url]);
    const closedAt = async (atMs: number): Promise<[number, number]> => {
      nowMs = atMs;
      await gateway.close(asked, durable);
      return [first.seen().length, second.seen().length];
    };
    await way.shut();
    expect(await closedAt(0)).toEqual([0, 1]);
    await way.open();
    expect(await closedAt(59_999)).toEqual([0, 2]);
    expect(await closedAt(60_000)).toEqual([1, 2]);
    expect(await closedAt(60_001)).toEqual([2, 2]);
  });

  test('that a domain cannot be reached does not open the breaker while another answers', async () => {
    const second = await start();
    const gateway = gatewayAt([await deadPort(), second.url]);
    for (let call = 0; call < 5; call += 1) {
      expect(await gateway.close(asked, brief)).toMatchObject({ kind: 'accepted' });
      nowMs += 300_000;
    }
    expect(outcomes().filter((outcome) => outcome === 'unreachable')).toHaveLength(5);
  });

  test('where no domain can be reached the breaker opens', async () => {
    const gateway = gatewayAt([await deadPort(), await deadPort()]);
    for (let call = 0; call < 3; call += 1) {
      expect(await failureOf(gateway.close(asked, brief))).toMatchObject({ code: 'unreachable' });
    }
    expect(await failureOf(gateway.close(asked, brief))).toMatchObject({ code: 'gate_shut' });
  });
});

test('a bill whose address names a domain that is away comes from the next, signed', async () => {
  const [dead, wechat] = [await deadPort(), await fakeWechatPay()];
  wechat.answer = (_, response) => response.writeHead(200).end('bill');
  const url = `${dead}/v3/billdownload/file?token=abc`;
  const answer = await overV3([dead, wechat.url]).downloadBill({ url, isZipped: false }, durable);
  if (answer.kind !== 'bytes') throw new Error(answer.kind);
  expect(Buffer.concat(await collected(answer.bytes)).toString()).toBe('bill');
  expect(wechat.seen.map((seen) => [seen.target, isSignedRequest(seen)])).toEqual([
    ['/v3/billdownload/file?token=abc', true],
  ]);
  const elsewhere = 'https://files.example.com/v3/billdownload/file?token=abc';
  const refused = overV3([dead, wechat.url]).downloadBill({ url: elsewhere, isZipped: false }, durable);
  expect(await failureOf(refused)).toMatchObject({ gatewayCode: 'BILL_ON_ANOTHER_HOST' });
  await wechat.close();
});
