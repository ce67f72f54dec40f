import { afterEach, describe, expect, it } from 'vitest';
import { startTestSandbox } from '../support/sandbox.js';
import {
  call,
  control,
  header,
  merchantOf,
  open,
  tryControl,
  verified,
  type Credentials,
  type Json,
} from './support/client.js';
import { close, newNumber, prepay, query } from './support/trade.js';
import { until } from '../support/until.js';
import { useReceiver, useSandbox } from './support/use-sandbox.js';

const { sandbox, merchant } = useSandbox({ timeScale: 1000 });
const receiver = useReceiver();

afterEach(async () => {
  await control(sandbox, 'DELETE', '/faults');
  receiver.answer = 204;
  await allNotified();
  receiver.received.length = 0;
});

/** No notify of this test is still under way, to be met by the next one's faults. */
async function allNotified(): Promise<void> {
  await until('every payment notified', async () => {
    const notified = await control<Json[]>(sandbox, 'GET', '/notifies');
    const accepted = new Set(notified.filter((row) => row['status'] === 204).map((row) => row['out_trade_no']));
    const trades = await control<Json[]>(sandbox, 'GET', '/trades');
    return trades.every((row) => row['trade_state'] !== 'SUCCESS' || accepted.has(row['out_trade_no']));
  });
}
const faults = (...list: Json[]) => control<Json[]>(sandbox, 'PUT', '/faults', list);
const stateOf = async (outTradeNo: string) => (await query(sandbox, merchant, outTradeNo)).json['trade_state'];
const made = async (more: Json = {}) => {
  const outTradeNo = newNumber();
  expect((await prepay(sandbox, merchant, outTradeNo, 'native', { notify_url: receiver.url, ...more })).status).toBe(
    200,
  );
  return outTradeNo;
};
const pay = (outTradeNo: string) => tryControl(sandbox, 'POST', '/pay', { outTradeNo });
const signed = (reply: { headers: Json; text: string }) =>
  verified(reply.headers as Record<string, string>, reply.text, merchant.platformCertificatePem);

describe('the list of faults', () => {
  it('is replaced by PUT, appended to by POST, read by GET and emptied by DELETE', async () => {
    const [first] = await faults({ on: 'query', kind: 'http500' });
    expect(first).toMatchObject({ on: 'query', kind: 'http500', left: 1, mchid: merchant.mchid });
    const [second] = await control<Json[]>(sandbox, 'POST', '/faults', [
      { on: 'close', kind: 'slow', ms: 1, times: 0 },
    ]);
    expect(await control(sandbox, 'GET', '/faults')).toMatchObject([
      { id: first?.['id'] },
      { id: second?.['id'], ms: 1 },
    ]);
    await control(sandbox, 'DELETE', `/faults/${String(first?.['id'])}`);
    expect(await control(sandbox, 'GET', '/faults')).toMatchObject([{ id: second?.['id'] }]);
    expect((await tryControl(sandbox, 'DELETE', '/faults/nothing')).status).toBe(404);
    expect((await tryControl(sandbox, 'DELETE', '/faults')).status).toBe(204);
    expect(await control(sandbox, 'GET', '/faults')).toEqual([]);
  });

  it.each<Json>([
    { on: 'prepay', kind: 'drop' },
    { on: 'prepay', kind: 'stale' },
    { on: 'notify', kind: 'http500' },
    { on: 'prepay', kind: 'payBefore' },
    { on: 'certificates', kind: 'wrongAmount' },
    { on: 'pay', kind: 'slow', ms: 1 },
    { on: 'bills', kind: 'http500' },
    { on: 'query', kind: 'slow' },
    { on: 'query', kind: 'error', status: 199, code: 'X', effect: true },
    { on: 'query', kind: 'error', status: 500, effect: true },
    { on: 'query', kind: 'error', status: 500, code: 'X', effect: true, retryAfter: '1\n2' },
    { on: 'query', kind: 'error', status: 500, code: 'X', effect: true, retryAfter: 1 },
    { on: 'query', kind: 'error', status: 500, effect: true, body: '<html>', message: 'X' },
    { on: 'query', kind: 'error', status: 500, code: 'X', effect: true, contentType: 'text/html' },
    { on: 'query', kind: 'error', status: 200, effect: true, detail: { field: 'X' } },
    { on: 'close', kind: 'error', status: 204, effect: true, body: 'X' },
    { on: 'query', kind: 'http500', ms: 1 },
    { on: 'query', kind: 'nonsense' },
    { on: 'query', kind: 'http500', times: -1 },
    { on: 'certificates', kind: 'http500', outTradeNo: 'A' },
  ])('refuses %o', async (fault) => {
    expect(await tryControl(sandbox, 'PUT', '/faults', [fault])).toMatchObject({
      status: 400,
      json: { code: 'invalid_request' },
    });
  });

  it('strikes as often as it says, on the trade it names, the first match first', async () => {
    const [a, b] = [await made(), await made()];
    await faults(
      { on: 'query', outTradeNo: a, kind: 'error', status: 403, code: 'FIRST', effect: false, times: 2 },
      { on: 'query', kind: 'error', status: 403, code: 'SECOND', effect: false },
    );
    const codes = [];
    for (const outTradeNo of [a, b, a, a, b]) codes.push((await query(sandbox, merchant, outTradeNo)).json['code']);
    expect(codes).toEqual(['FIRST', 'SECOND', 'FIRST', undefined, undefined]);
    expect((await control<Json[]>(sandbox, 'GET', '/faults')).map((fault) => fault['left'])).toEqual([0, 0]);
  });

  it('strikes until removed with times 0, and only its own merchant', async () => {
    const other = await control<Credentials>(sandbox, 'POST', '/merchants', {});
    await faults({ on: 'query', kind: 'http500', times: 0 });
    for (let time = 0; time < 3; time += 1) expect((await query(sandbox, merchant, 'unknown1')).status).toBe(500);
    expect((await query(sandbox, other, 'unknown1')).status).toBe(404);
  });
});

describe('a fault on a call', () => {
  it('http500 has no effect', async () => {
    const outTradeNo = newNumber();
    await faults({ on: 'prepay', kind: 'http500' });
    expect(await prepay(sandbox, merchant, outTradeNo)).toMatchObject({ status: 500, json: { code: 'SYSTEM_ERROR' } });
    expect((await query(sandbox, merchant, outTradeNo)).status).toBe(404);
  });

  it('error answers as told, with the effect or without', async () => {
    const [without, withEffect] = [await made(), await made()];
    await faults(
      { on: 'close', outTradeNo: without, kind: 'error', status: 500, code: 'SYSTEM_ERROR', effect: false },
      { on: 'close', outTradeNo: withEffect, kind: 'error', status: 429, code: 'FREQUENCY_LIMITED', effect: true },
    );
    expect(await close(sandbox, merchant, without)).toMatchObject({ status: 500 });
    expect(await close(sandbox, merchant, withEffect)).toMatchObject({
      status: 429,
      json: { code: 'FREQUENCY_LIMITED' },
    });
    expect([await stateOf(without), await stateOf(withEffect)]).toEqual(['NOTPAY', 'CLOSED']);
  });

  it('error says its message, detail and Retry-After as told', async () => {
    const detail = { field: '/scene_info/payer_client_ip', issue: 'not a public address' };
    await faults(
      { on: 'prepay', kind: 'error', status: 400, code: 'PARAM_ERROR', effect: false, message: '参数错误', detail },
      { on: 'query', kind: 'error', status: 429, code: 'X', effect: false, detail: [1], retryAfter: '-1, Wed, 21 Oct' },
    );
    const refused = await prepay(sandbox, merchant, newNumber());
    expect([refused.status, signed(refused)]).toEqual([400, true]);
    expect(refused.json).toEqual({ code: 'PARAM_ERROR', message: '参数错误', detail });
    const limited = await query(sandbox, merchant, 'unknown1');
    expect(limited.headers['retry-after']).toBe('-1, Wed, 21 Oct');
    expect(limited.json).toEqual({ code: 'X', message: 'sandbox fault', detail: [1] });
  });

  it("error answers a proxy's page, which nobody signed", async () => {
    const [page, json] = [await made(), '{"trade_state":"SUCCESS"}'];
    const html = '<html>503 上游超时</html>';
    await faults(
      { on: 'query', kind: 'error', status: 503, effect: false, body: html, retryAfter: '86400' },
      {
        on: 'query',
        kind: 'error',
        status: 200,
        effect: true,
        body: json,
        contentType: 'application/json',
        signed: true,
      },
    );
    const first = await query(sandbox, merchant, page);
    expect([first.status, first.text, first.headers['retry-after']]).toEqual([503, html, '86400']);
    expect(first.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(first.headers).not.toHaveProperty('wechatpay-signature');
    const second = await query(sandbox, merchant, page);
    expect([second.text, second.headers['content-type'], signed(second)]).toEqual([json, 'application/json', true]);
  });

  it('error takes the signature away, from a refusal and from a success', async () => {
    const [asked, closed, untouched] = [await made(), await made(), await made()];
    const unsigned = { kind: 'error', signed: false };
    await faults(
      { on: 'query', ...unsigned, status: 429, code: 'FREQUENCY_LIMITED', effect: false },
      { on: 'query', ...unsigned, status: 200, effect: true, times: 2 },
      { on: 'close', outTradeNo: closed, ...unsigned, status: 204, effect: true },
      { on: 'close', outTradeNo: untouched, ...unsigned, status: 204, effect: false },
    );
    const replies = [
      await query(sandbox, merchant, asked),
      await query(sandbox, merchant, asked),
      await query(sandbox, merchant, 'unknown1'),
      await close(sandbox, merchant, closed),
      await close(sandbox, merchant, untouched),
    ];
    expect(replies.map(({ status }) => status)).toEqual([429, 200, 404, 204, 204]);
    expect(replies.filter(({ headers }) => 'wechatpay-signature' in headers)).toEqual([]);
    expect(replies[1]?.json).toMatchObject({ out_trade_no: asked, trade_state: 'NOTPAY' });
    expect([await stateOf(closed), await stateOf(untouched)]).toEqual(['CLOSED', 'NOTPAY']);
  });

  it('timeoutBefore and timeoutAfter never answer; only the latter has an effect', async () => {
    const [before, after] = [newNumber(), newNumber()];
    await faults(
      { on: 'prepay', outTradeNo: before, kind: 'timeoutBefore' },
      { on: 'prepay', outTradeNo: after, kind: 'timeoutAfter' },
    );
    const waiting = new AbortController();
    const ended: string[] = [];
    const held = [before, after].map((outTradeNo) =>
      expect(
        prepay(sandbox, merchant, outTradeNo, 'native', {}, { signal: waiting.signal }).finally(() =>
          ended.push(outTradeNo),
        ),
      ).rejects.toThrow(),
    );
    const left = async () => (await control<Json[]>(sandbox, 'GET', '/faults')).map((fault) => fault['left']);
    await expect.poll(left).toEqual([0, 0]);
    expect((await query(sandbox, merchant, before)).status).toBe(404);
    expect(await stateOf(after)).toBe('NOTPAY');
    expect(ended).toEqual([]);
    waiting.abort();
    await Promise.all(held);
  });

  it('slow answers late', async () => {
    await faults({ on: 'certificates', kind: 'slow', ms: 400 });
    const began = Date.now();
    expect((await call(sandbox, merchant, 'GET', '/v3/certificates')).status).toBe(200);
    expect(Date.now() - began).toBeGreaterThanOrEqual(395);
  });

  it('stale answers as before the last change', async () => {
    const outTradeNo = await made();
    await faults({ on: 'query', kind: 'stale', times: 0 });
    expect((await query(sandbox, merchant, outTradeNo)).json['code']).toBe('ORDER_NOT_EXIST');
    const { json } = await pay(outTradeNo);
    const stale = await query(sandbox, merchant, outTradeNo);
    expect(stale.json).toMatchObject({ trade_state: 'NOTPAY' });
    expect(stale.json['transaction_id']).toBeUndefined();
    const byId = `/v3/pay/transactions/id/${String(json['transactionId'])}?mchid=${merchant.mchid}`;
    expect((await call(sandbox, merchant, 'GET', byId)).status).toBe(404);
  });

  it('stale shows a trade paid after its close as closed', async () => {
    const outTradeNo = await made();
    await close(sandbox, merchant, outTradeNo);
    await control(sandbox, 'POST', '/pay', { outTradeNo, force: true });
    await faults({ on: 'query', kind: 'stale' });
    expect(await stateOf(outTradeNo)).toBe('CLOSED');
    expect(await stateOf(outTradeNo)).toBe('SUCCESS');
  });

  it('payBefore makes the payer win against a close or a query', async () => {
    const [closed, asked] = [await made(), await made()];
    await faults({ on: 'close', kind: 'payBefore' }, { on: 'query', outTradeNo: asked, kind: 'payBefore' });
    expect((await close(sandbox, merchant, closed)).json['code']).toBe('ORDER_PAID');
    expect(await stateOf(asked)).toBe('SUCCESS');
  });

  it('payAfter makes the payer lose the race and pay all the same', async () => {
    const [closed, asked] = [await made(), await made()];
    await faults({ on: 'close', kind: 'payAfter' }, { on: 'query', outTradeNo: asked, kind: 'payAfter' });
    expect((await close(sandbox, merchant, closed)).status).toBe(204);
    expect(await stateOf(closed)).toBe('SUCCESS');
    expect(await stateOf(asked)).toBe('NOTPAY');
    expect(await stateOf(asked)).toBe('SUCCESS');
  });

  it('badSignature and signTest sign what does not verify', async () => {
    const outTradeNo = await made();
    await faults({ on: 'query', kind: 'badSignature' });
    const bad = await query(sandbox, merchant, outTradeNo);
    expect([bad.status, signed(bad)]).toEqual([200, false]);
    await faults({ on: 'query', kind: 'signTest' });
    const probe = await query(sandbox, merchant, outTradeNo);
    expect(header(probe.headers, 'wechatpay-signature')).toMatch(/^WECHATPAY\/SIGNTEST\//);
    expect(signed(probe)).toBe(false);
  });

  it('signTest spares the repeated request', async () => {
    const outTradeNo = await made();
    await faults({ on: 'query', kind: 'signTest', times: 0 });
    expect(signed(await query(sandbox, merchant, outTradeNo))).toBe(false);
    expect(signed(await query(sandbox, merchant, outTradeNo))).toBe(true);
    expect(signed(await query(sandbox, merchant, await made()))).toBe(false);
  });

  it('wrongAmount on a query bends the answer, on pay the trade itself', async () => {
    const [shown, charged] = [await made(), await made()];
    await pay(shown);
    await faults(
      { on: 'query', outTradeNo: shown, kind: 'wrongAmount', totalFen: 7 },
      { on: 'pay', kind: 'wrongAmount' },
    );
    expect((await query(sandbox, merchant, shown)).json['amount']).toMatchObject({ total: 7 });
    expect((await query(sandbox, merchant, shown)).json['amount']).toMatchObject({ total: 1200 });
    await pay(charged);
    expect((await query(sandbox, merchant, charged)).json['amount']).toMatchObject({ total: 1201 });
  });
});

describe('a fault on a notify', () => {
  const notified = async (count: number) => (await receiver.atLeast(count)).slice(0, count);
  const logOf = async (outTradeNo: string) =>
    (await control<Json[]>(sandbox, 'GET', '/notifies')).filter((row) => row['out_trade_no'] === outTradeNo);
  const logged = (outTradeNo: string, count: number) =>
    until('the deliveries', async () => ((await logOf(outTradeNo)).length >= count ? logOf(outTradeNo) : undefined));
  const message = (received: { json: { resource: Json } } | undefined) =>
    open(received?.json.resource ?? {}, merchant.apiV3Key);

  it('drop loses an attempt, and the retry brings it', async () => {
    const outTradeNo = await made();
    await faults({ on: 'notify', kind: 'drop' });
    await pay(outTradeNo);
    expect(await logged(outTradeNo, 2)).toMatchObject([
      { attempt: 1, status: null },
      { attempt: 2, status: 204 },
    ]);
    expect(receiver.received).toHaveLength(1);
  });

  it('duplicate brings it twice', async () => {
    const outTradeNo = await made();
    await faults({ on: 'notify', kind: 'duplicate' });
    await pay(outTradeNo);
    const [a, b] = await notified(2);
    expect(a?.json.id).toBe(b?.json.id);
    expect((await logged(outTradeNo, 2)).map((row) => row['attempt'])).toEqual([1, 1]);
  });

  it('delay lets a later one overtake it', async () => {
    const [late, soon] = [await made(), await made()];
    await faults({ on: 'notify', outTradeNo: late, kind: 'delay', ms: 600_000 });
    await pay(late);
    await until('the fault used up', async () => (await control<Json[]>(sandbox, 'GET', '/faults'))[0]?.['left'] === 0);
    await pay(soon);
    expect((await notified(1)).map((received) => message(received)['out_trade_no'])).toEqual([soon]);
    await control(sandbox, 'POST', '/clock', { advanceSeconds: 600 });
    expect((await notified(2)).map((received) => message(received)['out_trade_no'])).toEqual([soon, late]);
  });

  it('wrongAmount changes the message only', async () => {
    const outTradeNo = await made();
    await faults({ on: 'notify', kind: 'wrongAmount' });
    await pay(outTradeNo);
    const [received] = await notified(1);
    expect(message(received)['amount']).toMatchObject({ total: 1201, payer_total: 1201 });
    expect(verified(received?.headers ?? {}, received?.text ?? '', merchant.platformCertificatePem)).toBe(true);
    expect((await query(sandbox, merchant, outTradeNo)).json['amount']).toMatchObject({ total: 1200 });
  });

  it('wrongKey is signed well but cannot be opened', async () => {
    receiver.answer = (count) => (count === 1 ? 500 : 204);
    await faults({ on: 'notify', kind: 'wrongKey' });
    await pay(await made());
    const [wrong, right] = await notified(2);
    expect(verified(wrong?.headers ?? {}, wrong?.text ?? '', merchant.platformCertificatePem)).toBe(true);
    expect(() => message(wrong)).toThrow();
    expect(message(right)['trade_state']).toBe('SUCCESS');
  });

  it.each(['badSignature', 'signTest'])('%s does not verify; the retry does', async (kind) => {
    receiver.answer = (count) => (count === 1 ? 401 : 204);
    await faults({ on: 'notify', kind, times: kind === 'signTest' ? 0 : 1 });
    await pay(await made());
    const [bad, good] = await notified(2);
    expect(verified(bad?.headers ?? {}, bad?.text ?? '', merchant.platformCertificatePem)).toBe(false);
    expect(header(bad?.headers ?? {}, 'wechatpay-signature').startsWith('WECHATPAY/SIGNTEST/')).toBe(
      kind === 'signTest',
    );
    expect(verified(good?.headers ?? {}, good?.text ?? '', merchant.platformCertificatePem)).toBe(true);
  });
});

describe('stopping', () => {
  it('ends held connections at once', async () => {
    const own = await startTestSandbox();
    const credentials = await merchantOf(own);
    await control(own, 'PUT', '/faults', [{ on: 'query', kind: 'timeoutBefore' }]);
    const held = query(own, credentials, 'unknown1');
    const ended = expect(held).rejects.toThrow(/socket hang up|ECONNRESET/);
    await until('the fault used up', async () => (await control<Json[]>(own, 'GET', '/faults'))[0]?.['left'] === 0);
    await own.close();
    await ended;
  });
});
