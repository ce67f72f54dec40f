import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { control, header, open, tryControl, verified, type Json, type Reply } from './support/client.js';
import { startReceiver, type Received, type Receiver } from './support/receiver.js';
import { abnormalRefund, applyRefund, newRefundNo, paidTrade, queryRefund, refundBody } from './support/refund.js';
import { query } from './support/trade.js';
import { useSandbox } from './support/use-sandbox.js';

const { sandbox, merchant } = useSandbox();
let receiver: Receiver;
let outTradeNo: string;
let outRefundNo: string;

beforeAll(async () => {
  await control(sandbox, 'PUT', '/settings', { refundDelayMs: 365 * 86_400_000 });
});
beforeEach(async () => {
  receiver = await startReceiver();
  outRefundNo = newRefundNo();
  ({ outTradeNo } = await paidTrade(sandbox, merchant));
});
afterEach(async () => {
  await control(sandbox, 'DELETE', '/faults');
  await receiver.close();
});

const faults = (...list: Json[]) => control<Json[]>(sandbox, 'PUT', '/faults', list);
const advance = (seconds: number) => control(sandbox, 'POST', '/clock', { advanceSeconds: seconds });
const settle = (status: string) =>
  control(sandbox, 'POST', `/refunds/${encodeURIComponent(outRefundNo)}/settle`, { status });
const apply = (signal?: AbortSignal) =>
  applyRefund(
    sandbox,
    merchant,
    refundBody(outTradeNo, outRefundNo, 500, { notify_url: receiver.url }),
    signal ? { signal } : {},
  );
const ask = (signal?: AbortSignal) => queryRefund(sandbox, merchant, outRefundNo, signal ? { signal } : {});
async function redirect(signal?: AbortSignal): Promise<Reply> {
  const row = (await control<Json[]>(sandbox, 'GET', '/refunds')).find(
    (refund) => refund['out_refund_no'] === outRefundNo,
  );
  const body = { out_refund_no: outRefundNo, type: 'MERCHANT_BANK_CARD' };
  return abnormalRefund(sandbox, merchant, String(row?.['refund_id']), body, signal ? { signal } : {});
}
const statusNow = async () => {
  const { json } = await ask();
  return json['status'] ?? json['code'];
};
const signed = (reply: { headers: Reply['headers']; text: string } | undefined) =>
  verified(reply?.headers ?? {}, reply?.text ?? '', merchant.platformCertificatePem);

/** How each call is made, from where, what it leads to, and what is left when it never happened. */
const calls = [
  { on: 'refund', given: () => Promise.resolve(), make: apply, without: 'RESOURCE_NOT_EXISTS', done: 'PROCESSING' },
  { on: 'refundQuery', given: apply, make: ask, without: 'PROCESSING', done: 'PROCESSING' },
  {
    on: 'abnormalRefund',
    given: async () => {
      await apply();
      await settle('ABNORMAL');
    },
    make: redirect,
    without: 'ABNORMAL',
    done: 'PROCESSING',
  },
];

describe.each(calls)('a fault on $on', ({ on, given, make, without, done }) => {
  beforeEach(async () => {
    await given();
  });

  it('http500 has no effect', async () => {
    await faults({ on, kind: 'http500' });
    expect(await make()).toMatchObject({ status: 500, json: { code: 'SYSTEM_ERROR' } });
    expect(await statusNow()).toBe(without);
  });

  it.each([false, true])('error answers as told, with effect: %s', async (effect) => {
    await faults({ on, kind: 'error', status: 429, code: 'FREQUENCY_LIMITED', effect });
    expect(await make()).toMatchObject({ status: 429, json: { code: 'FREQUENCY_LIMITED' } });
    expect(await statusNow()).toBe(effect ? done : without);
  });

  it.each(['timeoutBefore', 'timeoutAfter'])('%s never answers', async (kind) => {
    await faults({ on, kind });
    const waiting = new AbortController();
    let ended = false;
    const held = expect(make(waiting.signal).finally(() => (ended = true))).rejects.toThrow();
    await expect.poll(async () => (await control<Json[]>(sandbox, 'GET', '/faults'))[0]?.['left']).toBe(0);
    expect(await statusNow()).toBe(kind === 'timeoutAfter' ? done : without);
    expect(ended).toBe(false);
    waiting.abort();
    await held;
  });

  it('slow has its effect at once and answers late', async () => {
    await faults({ on, kind: 'slow', ms: 300 });
    const began = performance.now();
    expect((await make()).json['status']).toBe(done);
    expect(performance.now() - began).toBeGreaterThanOrEqual(290);
  });

  it.each(['badSignature', 'signTest'])('%s signs what does not verify', async (kind) => {
    await faults({ on, kind });
    const reply = await make();
    expect([reply.json['status'], signed(reply)]).toEqual([done, false]);
    expect(header(reply.headers, 'wechatpay-signature').startsWith('WECHATPAY/SIGNTEST/')).toBe(kind === 'signTest');
    expect(signed(await make())).toBe(true);
  });

  it('strikes only refunds of the trade it names', async () => {
    await faults({ on, outTradeNo: 'another1', kind: 'http500' }, { on, outTradeNo, kind: 'http500' });
    expect((await make()).status).toBe(500);
    expect((await make()).status).toBe(200);
    expect((await control<Json[]>(sandbox, 'GET', '/faults')).map((fault) => fault['left'])).toEqual([1, 0]);
  });

  it.each(['payBefore', 'payAfter', 'wrongAmount', 'drop', 'duplicate', 'wrongKey', 'delay'])(
    '%s does not fit',
    async (kind) => {
      const more = kind === 'delay' ? { ms: 1 } : {};
      expect((await tryControl(sandbox, 'PUT', '/faults', [{ on, kind, ...more }])).status).toBe(400);
    },
  );
});

it('a fault on a refund that names its trade by the transaction strikes too', async () => {
  const transactionId = (await query(sandbox, merchant, outTradeNo)).json['transaction_id'];
  await faults({ on: 'refund', outTradeNo, kind: 'http500' });
  const body = refundBody(outTradeNo, outRefundNo, 1, { out_trade_no: undefined, transaction_id: transactionId });
  expect((await applyRefund(sandbox, merchant, body)).status).toBe(500);
});

describe('stale', () => {
  it('shows a refund as it was before its last change', async () => {
    await faults({ on: 'refundQuery', kind: 'stale', times: 0 });
    const seen: unknown[] = [];
    const look = async () => seen.push(await statusNow());
    await apply();
    await look();
    await settle('ABNORMAL');
    await look();
    await redirect();
    await look();
    await settle('SUCCESS');
    await look();
    expect(seen).toEqual(['RESOURCE_NOT_EXISTS', 'PROCESSING', 'ABNORMAL', 'PROCESSING']);
    expect((await ask()).json).not.toHaveProperty('success_time');
    await faults();
    expect(await statusNow()).toBe('SUCCESS');
  });

  it('on the trade shows it paid, or refunded still after its refund was closed', async () => {
    const { transaction_id } = (await query(sandbox, merchant, outTradeNo)).json;
    await apply();
    await faults({ on: 'query', kind: 'stale', times: 0 });
    expect((await query(sandbox, merchant, outTradeNo)).json).toMatchObject({ trade_state: 'SUCCESS', transaction_id });
    await settle('CLOSED');
    expect((await query(sandbox, merchant, outTradeNo)).json).toMatchObject({ trade_state: 'REFUND', transaction_id });
  });

  it('does not fit on a refund or an abnormal refund', async () => {
    for (const on of ['refund', 'abnormalRefund']) {
      expect((await tryControl(sandbox, 'PUT', '/faults', [{ on, kind: 'stale' }])).status).toBe(400);
    }
  });
});

describe('a fault on the notify of a refund', () => {
  const message = (received: Received | undefined) => open(received?.json.resource ?? {}, merchant.apiV3Key);
  const notified = () => control<Json[]>(sandbox, 'GET', '/notifies');
  const attempts = async () =>
    (await notified())
      .filter((row) => row['out_refund_no'] === outRefundNo)
      .map((row) => [row['attempt'], row['status']]);

  beforeEach(async () => {
    ({ outTradeNo } = await paidTrade(sandbox, merchant, {}, { notify_url: receiver.url }));
    await expect.poll(notified).toContainEqual(expect.objectContaining({ out_trade_no: outTradeNo, status: 204 }));
    receiver.received.length = 0;
    await apply();
  });

  it('drop loses an attempt, and the retry brings it', async () => {
    await faults({ on: 'notify', outTradeNo, kind: 'drop' });
    await settle('SUCCESS');
    await expect.poll(attempts).toEqual([[1, null]]);
    await advance(15);
    await expect.poll(attempts).toEqual([
      [1, null],
      [2, 204],
    ]);
    expect(receiver.received).toHaveLength(1);
  });

  it('duplicate brings it twice', async () => {
    await faults({ on: 'notify', outTradeNo, kind: 'duplicate' });
    await settle('CLOSED');
    const [a, b] = await receiver.atLeast(2);
    expect(a?.json.id).toBe(b?.json.id);
  });

  it('delay holds it back', async () => {
    await faults({ on: 'notify', outTradeNo, kind: 'delay', ms: 600_000 });
    await settle('ABNORMAL');
    await expect.poll(async () => (await control<Json[]>(sandbox, 'GET', '/faults'))[0]?.['left']).toBe(0);
    expect(await attempts()).toEqual([]);
    await advance(600);
    await expect.poll(attempts).toEqual([[1, 204]]);
  });

  it.each<[Json, Json]>([
    [{}, { total: 1200, refund: 501, payer_total: 1200, payer_refund: 501 }],
    [{ totalFen: 7 }, { total: 1200, refund: 7, payer_total: 1200, payer_refund: 7 }],
  ])('wrongAmount %j changes the refunded amount, of the message only', async (more, amount) => {
    await faults({ on: 'notify', outTradeNo, kind: 'wrongAmount', ...more });
    await settle('SUCCESS');
    const [received] = await receiver.atLeast(1);
    expect(message(received)['amount']).toEqual(amount);
    expect(signed(received)).toBe(true);
    expect((await ask()).json['amount']).toMatchObject({ refund: 500 });
  });

  it('wrongKey is signed well but cannot be opened', async () => {
    await faults({ on: 'notify', outTradeNo, kind: 'wrongKey' });
    await settle('SUCCESS');
    const [received] = await receiver.atLeast(1);
    expect(signed(received)).toBe(true);
    expect(() => message(received)).toThrow();
  });

  it.each(['badSignature', 'signTest'])('%s does not verify; the retry does', async (kind) => {
    receiver.answer = (count) => (count === 1 ? 401 : 204);
    await faults({ on: 'notify', outTradeNo, kind, times: kind === 'signTest' ? 0 : 1 });
    await settle('SUCCESS');
    await expect.poll(attempts).toEqual([[1, 401]]);
    await advance(15);
    const [bad, good] = await receiver.atLeast(2);
    expect([signed(bad), signed(good)]).toEqual([false, true]);
  });
});
