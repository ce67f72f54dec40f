import { describe, expect, it } from 'vitest';
import { DatabaseUnavailable } from '../../../src/db/failure.js';
import { listEvidence } from '../../../src/orders/store/evidence.js';
import { served } from '../../../src/entries/served.js';
import { createApp } from '../../../src/http/app.js';
import { TemporalUnavailable } from '../../../src/temporal/call.js';
import { orderNo } from '../../db/fixtures.js';
import { sentDuring } from '../../support/statements.js';
import type { FakeNotify } from '../../http/support/fake-gateway.js';
import { json, MCHID, textWith, useTestApp } from '../../http/support/test-app.js';

const test = useTestApp();

const PATH = `/notify/wechatpay/v3/${MCHID}`;
let sequence = 0;
const notifyFor = (outTradeNo: string): FakeNotify => {
  sequence += 1;
  return { key: `notify-${sequence}`, outTradeNo };
};
const post = (notify: unknown, path = PATH) =>
  test.send('POST', path, {
    key: null,
    body: notify,
    headers: { 'Wechatpay-Nonce': 'n', 'X-Forwarded-For': 'canary' },
  });
const rows = (key: string) =>
  test.connection.sql<{ status: string; deliveries: number; headers: object; raw_body: Uint8Array }[]>`
    select status, deliveries, headers, raw_body from notify_inbox where key = ${key}`;
const FAIL = { code: 'FAIL', message: textWith(/\w/) };

describe('a notify that is said to be packed', () => {
  it('is answered FAIL and not kept: its bytes are not what was signed', async () => {
    const notify = notifyFor(await test.placeOrder());
    const answer = await test.send('POST', PATH, { key: null, body: notify, headers: { 'Content-Encoding': 'gzip' } });
    expect([answer.status, await json(answer)]).toEqual([415, FAIL]);
    expect(await rows(notify.key)).toEqual([]);
    expect((await post(notify)).status).toBe(204);
  });
});

describe('a verified notify', () => {
  it('is answered 204 after its row is committed and its order was told', async () => {
    const number = await test.placeOrder();
    const notify = notifyFor(number);
    let statusWhenTold: string | undefined;
    test.orders.answers.deliverEvidence = async () => {
      statusWhenTold = (await rows(notify.key))[0]?.status;
      return 'signalled';
    };

    const answer = await post(notify);

    expect([answer.status, await answer.text()]).toEqual([204, '']);
    expect(statusWhenTold).toBe('verified');
    expect(await rows(notify.key)).toMatchObject([{ status: 'signalled', deliveries: 1 }]);
    expect(test.orders.callsOf('deliverEvidence')).toMatchObject([
      {
        mchid: MCHID,
        orderNo: number,
        evidence: { source: 'notify', outTradeNo: number, transactionId: `tx-${notify.key}` },
      },
    ]);
    expect(await listEvidence(test.connection.db, { mchid: MCHID, orderNo: orderNo(number) })).toHaveLength(1);
    expect(test.counters.read()).toEqual({ accepted: 1 });
  });

  it('costs two statements from its first byte to its answer, each a transaction of its own', async () => {
    const notify = notifyFor(await test.placeOrder());
    const sent = await sentDuring(test.databaseUrl, async (connection) => {
      const answer = await test.send('POST', PATH, { key: null, body: notify, deps: { connection } });
      expect(answer.status).toBe(204);
    });
    expect(sent).toHaveLength(2);
    expect(await rows(notify.key)).toMatchObject([{ status: 'signalled' }]);
  });

  it('is kept byte for byte, with no header of the network between', async () => {
    const notify = notifyFor(await test.placeOrder());
    await post(`${JSON.stringify(notify)}  `);
    const [row] = await rows(notify.key);
    expect(Buffer.from(row?.raw_body ?? []).toString()).toBe(`${JSON.stringify(notify)}  `);
    expect(row?.headers).toEqual({ 'wechatpay-nonce': 'n', 'content-type': 'application/json' });
  });

  it('finds the order of a later attempt', async () => {
    const number = await test.placeOrder();
    await test.send('POST', `/v1/orders/${number}/attempts`, { body: { product: 'app' } });
    expect((await post(notifyFor(`${number}*2`))).status).toBe(204);
    expect(test.orders.callsOf('deliverEvidence')).toMatchObject([
      { orderNo: number, evidence: { outTradeNo: `${number}*2` } },
    ]);
  });

  it('repeated after it was signalled is answered 204 and told to nobody', async () => {
    const notify = notifyFor(await test.placeOrder());
    await post(notify);
    expect((await post(notify)).status).toBe(204);
    expect(test.orders.callsOf('deliverEvidence')).toHaveLength(1);
    expect(await rows(notify.key)).toMatchObject([{ deliveries: 2 }]);
    expect(test.counters.read()).toEqual({ accepted: 1, repeated: 1 });
  });

  it('of money settled already becomes a duplicate, and stays one', async () => {
    const notify = notifyFor(await test.placeOrder());
    test.orders.answers.deliverEvidence = () => Promise.resolve('duplicate');
    expect((await post(notify)).status).toBe(204);
    expect((await post(notify)).status).toBe(204);
    expect(await rows(notify.key)).toMatchObject([{ status: 'duplicate', deliveries: 2 }]);
    expect(test.orders.callsOf('deliverEvidence')).toHaveLength(1);
  });

  it('whose signal failed is answered 503 and signalled when it is repeated', async () => {
    const notify = notifyFor(await test.placeOrder());
    test.orders.answers.deliverEvidence = () => Promise.reject(new TemporalUnavailable());
    const failed = await post(notify);
    expect([failed.status, await json(failed)]).toEqual([503, FAIL]);
    expect(await rows(notify.key)).toMatchObject([{ status: 'verified' }]);
    test.orders.answers = {};
    expect((await post(notify)).status).toBe(204);
    expect(await rows(notify.key)).toMatchObject([{ status: 'signalled', deliveries: 2 }]);
  });

  it.each(['B-8888888', 'A-1001*21', 'x', 'A-100001*02', 'somebody else’s number'])(
    'for %s, which no order has, is kept and answered 404',
    async (outTradeNo) => {
      const notify = notifyFor(outTradeNo);
      const answer = await post(notify);
      expect([answer.status, await json(answer)]).toEqual([404, FAIL]);
      expect(await rows(notify.key)).toMatchObject([{ status: 'unmatched' }]);
      expect(test.orders.callsOf('deliverEvidence')).toEqual([]);
    },
  );

  it('that came before its order is matched when it is repeated', async () => {
    const notify = notifyFor('C-7777777');
    expect((await post(notify)).status).toBe(404);
    await test.placeOrder({ orderNo: 'C-7777777' });
    expect((await post(notify)).status).toBe(204);
    expect(await rows(notify.key)).toMatchObject([{ status: 'signalled', deliveries: 2 }]);
  });
});

describe('a verified notify of another kind', () => {
  const kept = (key: string) =>
    test.connection
      .sql`select kind, status, event_type, out_trade_no, order_no, deliveries from notify_inbox where key = ${key}`;
  const row = {
    kind: 'other',
    status: 'unsupported',
    event_type: 'COMPLAINT.CREATE',
    out_trade_no: null,
    order_no: null,
  };

  it('is kept, answered 204, counted apart, and told to nobody', async () => {
    const number = await test.placeOrder();
    const notify = { ...notifyFor(number), unsupported: true };
    const answer = await post(notify);
    expect([answer.status, await answer.text()]).toEqual([204, '']);
    expect(await kept(notify.key)).toEqual([{ ...row, deliveries: 1 }]);
    expect(test.counters.read()).toEqual({ unsupported: 1 });
    expect(test.orders.callsOf('deliverEvidence')).toEqual([]);
    expect(test.logLines.join('')).not.toContain('notify rejected');
    expect((await post(notify)).status).toBe(204);
    expect(await kept(notify.key)).toEqual([{ ...row, deliveries: 2 }]);
  });

  it('and announced as a payment is counted apart, since somebody should look', async () => {
    const notify = { ...notifyFor('x'), unsupported: true, unread: true };
    expect((await post(notify)).status).toBe(204);
    expect(await kept(notify.key)).toEqual([{ ...row, deliveries: 1 }]);
    expect(test.counters.read()).toEqual({ unreadable: 1 });
  });

  it('repeated to a build that understands it is delivered', async () => {
    const number = await test.placeOrder();
    const notify = notifyFor(number);
    await post({ ...notify, unsupported: true });
    expect((await post(notify)).status).toBe(204);
    expect(test.orders.callsOf('deliverEvidence')).toMatchObject([{ orderNo: number }]);
    expect(await kept(notify.key)).toContainEqual(
      expect.objectContaining({ kind: 'payment', status: 'signalled', order_no: number }),
    );
  });

  it('up to 1 MiB is taken', async () => {
    const notify = { ...notifyFor('x'), unsupported: true, canary: 'x'.repeat(1024 * 1024 - 200) };
    expect((await post(notify)).status).toBe(204);
  });
});

describe('a notify that is not believed', () => {
  it.each([
    'missing_header',
    'stale',
    'unknown_serial',
    'bad_signature',
    'undecryptable',
    'malformed',
    'wrong_merchant',
  ] as const)('(%s) is answered 401 with the same words, counted, and leaves no row', async (rejected) => {
    const notify = { ...notifyFor(await test.placeOrder()), rejected };
    const answer = await post(notify);
    expect([answer.status, await json(answer)]).toEqual([
      401,
      { code: 'FAIL', message: 'The notify could not be verified' },
    ]);
    expect(await rows(notify.key)).toEqual([]);
    expect(test.counters.read()).toEqual({ [rejected]: 1 });
    expect(test.orders.callsOf('deliverEvidence')).toEqual([]);
  });

  it('is logged once in 10 s, then with how many it stands for', async () => {
    const app = createApp(test.deps(), served);
    const forge = () =>
      app.request(PATH, { method: 'POST', body: JSON.stringify({ ...notifyFor('x'), rejected: 'bad_signature' }) });
    const logged = () => test.logLines.filter((line) => line.includes('notify rejected'));
    for (let n = 0; n < 5; n += 1) await forge();
    expect(logged()).toHaveLength(1);
    test.clock.now = new Date(test.clock.now.getTime() + 10_000);
    await forge();
    expect(logged()).toHaveLength(2);
    expect(JSON.parse(logged()[1] ?? '{}')).toMatchObject({ reason: 'bad_signature', mchid: MCHID, unlogged: 4 });
  });
});

describe('every other failure has the form WeChat Pay expects', () => {
  it.each(['/notify/wechatpay/v3/1900000099', '/notify/wechatpay/v3/x', '/notify/'])('%s is 404', async (path) => {
    const answer = await post(notifyFor('A-100001'), path);
    expect([answer.status, await json(answer)]).toEqual([404, FAIL]);
  });

  it('GET is 405', async () => {
    const answer = await test.send('GET', PATH, { key: null });
    expect([answer.status, await json(answer)]).toEqual([405, FAIL]);
    expect(answer.headers.get('Allow')).toBe('POST, OPTIONS');
  });

  it('more than 1 MiB is 413', async () => {
    const answer = await post({ ...notifyFor('A-100001'), canary: 'x'.repeat(1024 * 1024) });
    expect([answer.status, await json(answer)]).toEqual([413, FAIL]);
  });

  it('the database away is 503', async () => {
    test.orders.answers.deliverEvidence = () => Promise.reject(new DatabaseUnavailable('57P01'));
    const answer = await post(notifyFor(await test.placeOrder()));
    expect([answer.status, await json(answer)]).toEqual([503, FAIL]);
  });

  it('a fault of ours is 500 and says nothing of it', async () => {
    test.orders.answers.deliverEvidence = () => Promise.reject(new TypeError('secret-canary'));
    const answer = await post(notifyFor(await test.placeOrder()));
    expect(answer.status).toBe(500);
    expect(await answer.text()).not.toContain('canary');
  });
});

describe('the whole answer', () => {
  it('takes no longer than its bound: then 503, and the work goes on', async () => {
    const notify = notifyFor(await test.placeOrder());
    let tell: (outcome: 'signalled') => void = () => undefined;
    const told = new Promise<'signalled'>((resolve) => {
      tell = resolve;
    });
    test.orders.answers.deliverEvidence = () => told;
    const app = createApp(test.deps({ notifyDeadlineMs: 50 }), served);
    const answer = await app.request(PATH, { method: 'POST', body: JSON.stringify(notify) });
    expect([answer.status, await json(answer)]).toEqual([503, FAIL]);
    expect(test.counters.read()).toEqual({ unanswered: 1 });
    tell('signalled');
    await expect.poll(async () => (await rows(notify.key))[0]?.status).toBe('signalled');
  });

  it('is bounded for a body that never ends, too', async () => {
    const app = createApp(test.deps({ notifyDeadlineMs: 50 }), served);
    const body = new ReadableStream<Uint8Array>({ start: (controller) => controller.enqueue(Buffer.from('{')) });
    const answer = await app.request(PATH, { method: 'POST', body, duplex: 'half' });
    expect(answer.status).toBe(503);
  });

  it('that fails after it was given is logged', async () => {
    const notify = notifyFor(await test.placeOrder());
    let fail: ((error: Error) => void) | undefined;
    test.orders.answers.deliverEvidence = () =>
      new Promise((_, reject) => {
        fail = reject;
      });
    const app = createApp(test.deps({ notifyDeadlineMs: 50 }), served);
    expect((await app.request(PATH, { method: 'POST', body: JSON.stringify(notify) })).status).toBe(503);
    await expect.poll(() => fail).toBeDefined();
    fail?.(new TemporalUnavailable());
    await expect.poll(() => test.logLines.join('')).toContain('a notify failed after it was answered');
  });
});

describe('on the paths of API v2', () => {
  const at = (kind: string, mchid: string = MCHID) => `/notify/wechatpay/v2/${mchid}/${kind}`;
  const said = async (answer: Response) => [answer.status, answer.headers.get('content-type'), await answer.text()];
  const xml = (code: string, message: string) =>
    `<xml><return_code><![CDATA[${code}]]></return_code><return_msg><![CDATA[${message}]]></return_msg></xml>`;
  const TYPE = 'text/xml; charset=utf-8';

  it('the body says that a payment was told, and its row that it came by v2', async () => {
    const notify = notifyFor(await test.placeOrder());
    expect(await said(await post(notify, at('payment')))).toEqual([200, TYPE, xml('SUCCESS', 'OK')]);
    expect(await test.connection.sql`select protocol, status from notify_inbox where key = ${notify.key}`).toEqual([
      { protocol: 'v2', status: 'signalled' },
    ]);
    // The same key by v3 is another notify.
    expect((await post(notify)).status).toBe(204);
    expect(await rows(notify.key)).toHaveLength(2);
  });

  it.each([
    ['forged', 401, { rejected: 'bad_signature' }, 'The notify could not be verified'],
    ['of no order', 404, {}, 'There is no such order'],
  ] as const)('one that is %s is answered FAIL', async (_what, status, fields, message) => {
    const notify = { ...notifyFor('NOBODY-1'), ...fields };
    expect(await said(await post(notify, at('refund')))).toEqual([status, TYPE, xml('FAIL', message)]);
  });

  it('a merchant that nobody configured, a body too large and an unknown kind are answered FAIL', async () => {
    const notify = notifyFor('NOBODY-2');
    expect(await said(await post(notify, at('payment', '1999999999')))).toMatchObject([404, TYPE, textWith(/FAIL/)]);
    const large = { ...notify, padding: 'x'.repeat(65_536) };
    expect(await said(await post(large, at('payment')))).toMatchObject([413, TYPE, textWith(/FAIL/)]);
    expect(await said(await post(notify, at('complaint')))).toMatchObject([404, TYPE, textWith(/FAIL/)]);
  });
});
