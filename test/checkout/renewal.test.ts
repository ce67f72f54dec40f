import { expect, test, vi } from 'vitest';
import type { OrderRecord } from '../../src/orders/rules/record.js';
import { createRenewal, outlivedAttempt } from '../../src/checkout/renewal.js';
import { TemporalUnavailable } from '../../src/temporal/call.js';
import type { OrderWorkflows } from '../../src/orders/client.js';
import { attemptRecord, orderRecord } from './support/records.js';

const CREATED = new Date('2026-03-01T12:00:00Z');
const at = (seconds: number): Date => new Date(CREATED.getTime() + seconds * 1000);

const order = (codeEndsAt: number, changed: Partial<OrderRecord> = {}): OrderRecord =>
  orderRecord({
    state: 'awaitingPayment',
    expiresInSeconds: 7200,
    expiresAt: at(7200),
    attempts: [attemptRecord({ state: 'open', product: 'h5', h5Url: 'https://h5', codeExpiresAt: at(codeEndsAt) })],
    ...changed,
  });

function renewalAt(startSeconds: number) {
  const clock = { seconds: startSeconds };
  const openAttempt = vi.fn<OrderWorkflows['openAttempt']>(() => Promise.resolve('opened' as const));
  const log = { warn: vi.fn(), error: vi.fn() };
  const renew = createRenewal({ orders: { openAttempt, sync: vi.fn() }, now: () => at(clock.seconds), log });
  return { clock, openAttempt, log, renew };
}

test('a code is renewed in its last minute, while the order can be paid for longer than that', () => {
  expect(outlivedAttempt(order(300), at(240))).toBeUndefined();
  expect(outlivedAttempt(order(300), at(241))?.number).toBe(1);
  expect(outlivedAttempt(order(300), at(5000))?.number).toBe(1);
  expect(outlivedAttempt(order(7200), at(7139))).toBeUndefined();
  expect(outlivedAttempt(order(7200), at(7150))).toBeUndefined();
  expect(outlivedAttempt(order(300), at(7140))).toBeUndefined();
});

test('nothing is renewed that cannot be paid any more', () => {
  expect(outlivedAttempt(order(300, { state: 'paid' }), at(250))).toBeUndefined();
  expect(outlivedAttempt(order(300, { state: 'review' }), at(250))).toBeUndefined();
  expect(outlivedAttempt(order(300, { attempts: [attemptRecord()] }), at(250))).toBeUndefined();
  const extended = order(900, { expiresInSeconds: 900, expiresAt: at(9000) });
  expect(outlivedAttempt(extended, at(1000))).toBeUndefined();
});

test('the same number is opened again, under a request id that all processes share for a minute', async () => {
  const { openAttempt, renew, clock } = renewalAt(250);
  expect(await renew(order(300))).toBe('asked');
  expect(openAttempt).toHaveBeenCalledExactlyOnceWith(
    expect.objectContaining({ outTradeNo: 'A-1001', product: 'h5', appid: 'wx0000000000000001', reenter: true }),
  );
  const other = renewalAt(251);
  await other.renew(order(300));
  clock.seconds = 301;
  await renew(order(300));
  const [first, later] = openAttempt.mock.calls.map(([request]) => request.requestId);
  expect(other.openAttempt.mock.calls[0]?.[0].requestId).toBe(first);
  expect(later).not.toBe(first);
});

test('many who look at one order ask once', async () => {
  const { openAttempt, renew } = renewalAt(250);
  let answer: (outcome: 'opened') => void = () => undefined;
  openAttempt.mockReturnValueOnce(new Promise((resolve) => (answer = resolve)));
  const all = Array.from({ length: 10 }, () => renew(order(300)));
  answer('opened');
  expect(await Promise.all(all)).toEqual(Array(10).fill('asked'));
  expect(openAttempt).toHaveBeenCalledOnce();
});

test('a renewed code is not asked for again by those who have not seen the new one yet', async () => {
  const { openAttempt, renew } = renewalAt(250);
  expect(await renew(order(300))).toBe('asked');
  expect(await renew(order(300))).toBe('nothing');
  expect(openAttempt).toHaveBeenCalledOnce();
});

test('a definitive no is not asked again for this code, trouble is asked again after a while', async () => {
  const { openAttempt, renew, clock } = renewalAt(250);
  openAttempt.mockResolvedValueOnce('refused');
  await renew(order(300));
  clock.seconds += 120;
  expect(await renew(order(300))).toBe('nothing');
  openAttempt.mockResolvedValueOnce('stuck');
  expect(await renew(order(301))).toBe('asked');
  expect(await renew(order(301))).toBe('nothing');
  clock.seconds += 15;
  expect(await renew(order(301))).toBe('asked');
  expect(openAttempt).toHaveBeenCalledTimes(3);
});

test('an unreachable Temporal is logged and does not break the page', async () => {
  const { openAttempt, renew, log } = renewalAt(250);
  openAttempt.mockRejectedValueOnce(new TemporalUnavailable());
  expect(await renew(order(300))).toBe('asked');
  expect(log.warn).toHaveBeenCalledOnce();
});
