import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { returnNoOf } from '../../../src/base/ids.js';
import type { Gateway, RefundRequest } from '../../../src/channels/port.js';
import { until } from '../../support/until.js';
import type { KeyMode } from '../support/merchant.js';
import { sandboxUnderTest, type SandboxUnderTest } from '../support/sandbox.js';
import { attempt, fen, outRefundNo, outTradeNo, refundOf } from '../support/values.js';

const durable = { patience: 'durable' } as const;

let sandbox: SandboxUnderTest;
beforeAll(async () => {
  sandbox = await sandboxUnderTest();
  // No refund ends by itself here.
  await sandbox.control('PUT', '/settings', { refundDelayMs: 86_400_000 });
});
afterEach(async () => {
  await sandbox.control('DELETE', '/faults');
  await sandbox.control('PUT', '/balance', { balanceFen: null });
});
afterAll(() => sandbox.close());

/** A refund of ¥4.05 of a trade that is paid. */
async function refundOfPaid(gateway: Gateway, name: string, changes: Partial<RefundRequest> = {}) {
  const number = outTradeNo(name);
  const body = gateway.prepayBody(attempt({ outTradeNo: number, appid: sandbox.credentials.appid }));
  await gateway.prepay({ product: 'native', body }, durable);
  await sandbox.payAndReceive(name);
  return refundOf({ outTradeNo: number, outRefundNo: outRefundNo(`R-${name.replace('*', '_')}`), ...changes });
}

const fault = (on: string, kind: string, more: object = {}) =>
  sandbox.control('POST', '/faults', [{ on, kind, ...more }]);

async function faultsAreSpent(): Promise<boolean> {
  const faults = (await sandbox.control('GET', '/faults')) as { left: number }[];
  return faults.every(({ left }) => left === 0);
}

async function refundsOf(number: string): Promise<{ out_refund_no: string; refund: number }[]> {
  const all = (await sandbox.control('GET', '/refunds')) as {
    out_trade_no: string;
    out_refund_no: string;
    refund: number;
  }[];
  return all.filter((row) => row.out_trade_no === number);
}

test.each<KeyMode>(['publicKey', 'certificates'])(
  'a refund is unknown, accepted, notified and seen to have succeeded (%s)',
  async (mode) => {
    const gateway = sandbox.gateway(mode);
    const request = await refundOfPaid(gateway, `happy-${mode}`, { reason: '茶叶受潮 / "damp" 😀' });
    expect(await gateway.queryRefund(request, durable)).toEqual({ kind: 'notExist' });

    const accepted = await gateway.refund(request, durable);
    const fact = {
      outRefundNo: request.outRefundNo,
      outTradeNo: request.outTradeNo,
      refundFen: 405,
      totalFen: 1_205,
      successAtMs: null,
    };
    expect(accepted).toMatchObject({ kind: 'accepted', refund: { ...fact, status: 'processing' } });

    const notify = await gateway.parseNotify(await sandbox.settleAndReceive(request.outRefundNo, 'SUCCESS'));
    const refundId = accepted.kind === 'accepted' ? accepted.refund.refundId : undefined;
    expect(notify).toMatchObject({
      kind: 'refund',
      outTradeNo: request.outTradeNo,
      outRefundNo: request.outRefundNo,
      evidence: { refundId, status: 'succeeded' },
    });
    expect(await gateway.queryRefund(request, durable)).toMatchObject({
      kind: 'found',
      refund: { ...fact, refundId, status: 'succeeded', successAtMs: expect.any(Number) as number },
    });
    expect(await gateway.query(request, durable)).toMatchObject({ kind: 'refunded' });
  },
);

test('the same refund again is the same refund; other parameters are a conflict', async () => {
  const gateway = sandbox.gateway('publicKey');
  const request = await refundOfPaid(gateway, 'repeated', { reason: 'damp' });
  const first = await gateway.refund(request, durable);
  expect(await gateway.refund(request, durable)).toEqual(first);
  const other = await gateway.refund({ ...request, amountFen: fen(406) }, durable);
  expect(other).toMatchObject({ kind: 'conflict', refusal: { status: 400, code: 'INVALID_REQUEST' } });
  expect(await refundsOf('repeated')).toMatchObject([{ refund: 405 }]);
});

test("PaySaga's own number is signed exactly as it is sent", async () => {
  const gateway = sandbox.gateway('publicKey');
  const own = returnNoOf(outTradeNo('A-10001*2'), 3);
  const request = await refundOfPaid(gateway, 'A-10001*2', { outRefundNo: own, amountFen: fen(1_205) });
  expect(await gateway.refund(request, durable)).toMatchObject({ kind: 'accepted' });
  expect(await gateway.queryRefund(request, durable)).toMatchObject({ kind: 'found', refund: { outRefundNo: own } });
});

test.each(['timeoutAfter', 'timeoutBefore'])('a refund that meets %s is unknown, and a query tells', async (kind) => {
  const gateway = sandbox.gateway('publicKey');
  const request = await refundOfPaid(gateway, `lost-${kind}`);
  await fault('refund', kind);
  const stop = new AbortController();
  const call = expect(gateway.refund(request, { ...durable, signal: stop.signal })).rejects.toMatchObject({
    code: 'unknown',
  });
  await until('the fault to strike', faultsAreSpent);
  stop.abort();
  await call;
  const seen = await gateway.queryRefund(request, durable);
  expect(seen.kind).toBe(kind === 'timeoutAfter' ? 'found' : 'notExist');
  expect(await gateway.refund(request, durable)).toMatchObject({ kind: 'accepted' });
  expect(await refundsOf(request.outTradeNo)).toHaveLength(1);
});

test.each([
  [429, 'FREQUENCY_LIMITED', 'rate_limited'],
  [500, 'SYSTEM_ERROR', 'unknown'],
])('a refund that was told %i %s all the same may be under way', async (status, code, failure) => {
  const gateway = sandbox.gateway('publicKey');
  const request = await refundOfPaid(gateway, `told-${status}`);
  await fault('refund', 'error', { status, code, effect: true });
  await expect(gateway.refund(request, durable)).rejects.toMatchObject({ code: failure, gatewayCode: code });
  expect(await gateway.queryRefund(request, durable)).toMatchObject({ kind: 'found' });
});

test.each(['http500', 'badSignature', 'signTest'])(
  'an answer about a refund with %s is unknown and the next one counts',
  async (kind) => {
    const gateway = sandbox.gateway('publicKey');
    const request = await refundOfPaid(gateway, `answer-${kind}`);
    await fault('refund', kind);
    await expect(gateway.refund(request, durable)).rejects.toMatchObject({ code: 'unknown' });
    expect(await gateway.refund(request, durable)).toMatchObject({ kind: 'accepted' });
    await fault('refundQuery', kind);
    await expect(gateway.queryRefund(request, durable)).rejects.toMatchObject({ code: 'unknown' });
    expect(await gateway.queryRefund(request, durable)).toMatchObject({ kind: 'found' });
  },
);

test('a query that sees an old state says so', async () => {
  const gateway = sandbox.gateway('publicKey');
  const request = await refundOfPaid(gateway, 'stale-refund');
  await gateway.refund(request, durable);
  await sandbox.settleAndReceive(request.outRefundNo, 'SUCCESS');
  await fault('refundQuery', 'stale');
  expect(await gateway.queryRefund(request, durable)).toMatchObject({ refund: { status: 'processing' } });
  expect(await gateway.queryRefund(request, durable)).toMatchObject({ refund: { status: 'succeeded' } });
});

test('a balance that is too small is filled up and the same number works', async () => {
  const gateway = sandbox.gateway('publicKey');
  const request = await refundOfPaid(gateway, 'poor-shop');
  await sandbox.control('PUT', '/balance', { balanceFen: 404 });
  expect(await gateway.refund(request, durable)).toMatchObject({ kind: 'notEnough', refusal: { code: 'NOT_ENOUGH' } });
  expect(await gateway.queryRefund(request, durable)).toEqual({ kind: 'notExist' });
  await sandbox.control('PUT', '/balance', { balanceFen: 405 });
  expect(await gateway.refund(request, durable)).toMatchObject({ kind: 'accepted' });
});

test('nothing to refund, and more than was paid, are told apart', async () => {
  const gateway = sandbox.gateway('publicKey');
  const nothing = refundOf({ outTradeNo: outTradeNo('never-was') });
  expect(await gateway.refund(nothing, durable)).toMatchObject({
    kind: 'refused',
    refusal: { status: 404, code: 'RESOURCE_NOT_EXISTS' },
  });
  const tooMuch = await refundOfPaid(gateway, 'too-much', { amountFen: fen(1_206) });
  expect(await gateway.refund(tooMuch, durable)).toMatchObject({ kind: 'conflict' });
  expect(await gateway.queryRefund(tooMuch, durable)).toEqual({ kind: 'notExist' });
});

test('an abnormal refund is notified, sent to the bank card of the merchant, and succeeds', async () => {
  const gateway = sandbox.gateway('publicKey');
  const request = await refundOfPaid(gateway, 'dead-card');
  const { outRefundNo: number } = request;
  await gateway.refund(request, durable);
  const notify = await gateway.parseNotify(await sandbox.settleAndReceive(number, 'ABNORMAL'));
  expect(notify).toMatchObject({ kind: 'refund', evidence: { status: 'abnormal' } });
  const seen = await gateway.queryRefund(request, durable);
  expect(seen).toMatchObject({ kind: 'found', refund: { status: 'abnormal', successAtMs: null } });

  const refundId = seen.kind === 'found' ? seen.refund.refundId : '';
  const redirected = await gateway.abnormalRefund({ refundId, outRefundNo: number, card: null }, durable);
  expect(redirected).toMatchObject({ kind: 'accepted', refund: { refundId, status: 'processing' } });
  const last = await gateway.parseNotify(await sandbox.settleAndReceive(number, 'SUCCESS'));
  expect(last).toMatchObject({ outRefundNo: number, evidence: { refundId, status: 'succeeded' } });
});

test('only an abnormal refund can be redirected', async () => {
  const gateway = sandbox.gateway('publicKey');
  const request = await refundOfPaid(gateway, 'normal-one');
  const accepted = await gateway.refund(request, durable);
  const refundId = accepted.kind === 'accepted' ? accepted.refund.refundId : '';
  const { outRefundNo: number } = request;
  expect(await gateway.abnormalRefund({ refundId, outRefundNo: number, card: null }, durable)).toMatchObject({
    kind: 'conflict',
  });
  const nobodys = { refundId: '50300000002026112200000000000', outRefundNo: number, card: null };
  expect(await gateway.abnormalRefund(nobodys, durable)).toMatchObject({ kind: 'refused' });
});

test('a refund that is closed at WeChat Pay is notified and seen closed', async () => {
  const gateway = sandbox.gateway('publicKey');
  const request = await refundOfPaid(gateway, 'closed-refund');
  await gateway.refund(request, durable);
  const notify = await gateway.parseNotify(await sandbox.settleAndReceive(request.outRefundNo, 'CLOSED'));
  expect(notify).toMatchObject({ kind: 'refund', evidence: { status: 'closed' } });
  expect(await gateway.queryRefund(request, durable)).toMatchObject({ refund: { status: 'closed' } });
});

test.each([
  ['wrongKey', 'undecryptable'],
  ['badSignature', 'bad_signature'],
  ['signTest', 'bad_signature'],
])('a refund notify with %s is rejected as %s', async (kind, code) => {
  const gateway = sandbox.gateway('publicKey');
  const request = await refundOfPaid(gateway, `bad-${kind}`);
  await gateway.refund(request, durable);
  await fault('notify', kind);
  const notify = await sandbox.settleAndReceive(request.outRefundNo, 'SUCCESS');
  await expect(gateway.parseNotify(notify)).rejects.toMatchObject({ name: 'NotifyRejected', code });
});
