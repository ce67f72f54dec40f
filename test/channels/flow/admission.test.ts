import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createAdmission, type Admission } from '../../../src/channels/flow/admission.js';
import { createFailureLimit, createTokenBucket } from '../../../src/channels/flow/limits.js';
import { createGate, type Pass } from '../../../src/channels/flow/gate.js';

const forever = new AbortController().signal;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function admissionOf(perSecond: number): Admission {
  const nowMs = () => Date.now();
  return createAdmission(createGate(createTokenBucket(perSecond, nowMs), nowMs));
}

const fill = (admission: Admission) =>
  Promise.all(Array.from({ length: 8 }, () => admission.enter('durable', forever)));

test('a brief call without a slot waits for one for 300 ms, and is turned away then', async () => {
  const admission = admissionOf(1_000);
  await fill(admission);
  const startedAt = Date.now();
  const refused = admission
    .enter('brief', forever)
    .catch((error: unknown) => ({ error, afterMs: Date.now() - startedAt }));
  await vi.advanceTimersByTimeAsync(1_000);
  expect(await refused).toMatchObject({ error: { code: 'gate_shut', retryAfterMs: 1_000 }, afterMs: 300 });
});

test('a brief call takes the slot of one that leaves meanwhile', async () => {
  const admission = admissionOf(1_000);
  const [first] = await fill(admission);
  const waiting = admission.enter('brief', forever);
  await vi.advanceTimersByTimeAsync(200);
  first?.leave('succeeded');
  await waiting;
});

test('brief calls that wait are turned away at once when the gateway is seen to fail, or to ask for quiet', async () => {
  for (const turn of ['breaker', 'quiet'] as const) {
    const admission = admissionOf(1_000);
    for (let n = 0; n < 2; n += 1) (await admission.enter('durable', forever)).leave('failed');
    const [first] = await fill(admission);
    const refused = expect(admission.enter('brief', forever)).rejects.toMatchObject({ code: 'gate_shut' });
    if (turn === 'quiet') admission.pauseFor(60_000);
    first?.leave(turn === 'quiet' ? 'undecided' : 'failed');
    await refused;
  }
});

test('a brief call does not wait for a token that is further away than that', async () => {
  const admission = admissionOf(1);
  await admission.enter('durable', forever);
  await expect(admission.enter('brief', forever)).rejects.toMatchObject({ code: 'gate_shut', retryAfterMs: 1_112 });
});

describe('polls', () => {
  const POLL = { isPoll: true };
  const poll = (admission: Admission): Promise<Pass> => admission.enter('durable', forever, POLL);

  test('take half of the slots, so that a call always finds one', async () => {
    const admission = admissionOf(1_000);
    for (let n = 0; n < 4; n += 1) await poll(admission);
    const fifth = vi.fn();
    const waiting = poll(admission).then(fifth, () => undefined);
    for (let n = 0; n < 4; n += 1) await admission.enter('brief', forever);
    expect(fifth).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(5_000);
    await waiting;
  });

  test('leave half of the tokens that are there at once', async () => {
    const admission = admissionOf(40);
    const polls = [await poll(admission), await poll(admission)];
    for (const pass of polls) pass.leave('succeeded');
    const third = vi.fn();
    const waiting = poll(admission).then(third);
    for (let n = 0; n < 2; n += 1) (await admission.enter('brief', forever)).leave('succeeded');
    expect(third).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(200);
    await waiting;
  });

  test('that wait let every call pass, however late it comes', async () => {
    const admission = admissionOf(1_000);
    const inside = await fill(admission);
    const order: string[] = [];
    const waiting = [
      poll(admission).then((pass) => (order.push('poll'), pass)),
      admission.enter('durable', forever).then((pass) => (order.push('durable'), pass)),
      admission.enter('brief', forever).then((pass) => (order.push('brief'), pass)),
    ];
    await vi.advanceTimersByTimeAsync(1);
    for (const pass of inside.slice(0, 6)) pass.leave('succeeded');
    await Promise.all(waiting);
    expect(order).toEqual(['durable', 'brief', 'poll']);
  });

  test('are put off unsent where four wait already: nothing is wrong, there are only many', async () => {
    const admission = admissionOf(1_000);
    await fill(admission);
    const waiting = Promise.allSettled(Array.from({ length: 4 }, () => poll(admission)));
    await expect(poll(admission)).rejects.toMatchObject({ code: 'gate_shut', quietMs: null });
    await vi.advanceTimersByTimeAsync(5_000);
    for (const outcome of await waiting)
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'gate_shut' } });
  });

  test('go one at a time while the gateway fails, and those that wait in vain say so', async () => {
    const admission = admissionOf(1_000);
    for (let n = 0; n < 3; n += 1) (await admission.enter('durable', forever)).leave('failed');
    const probe = await poll(admission);
    const refused = expect(poll(admission)).rejects.toMatchObject({ code: 'rate_limited' });
    await vi.advanceTimersByTimeAsync(5_000);
    await refused;
    probe.leave('succeeded');
    await Promise.all([poll(admission), poll(admission)]);
  });

  test('of a thousand at once none delays a call, and all are within the limit', async () => {
    const admission = admissionOf(100);
    const sentAt: number[] = [];
    const call = async (rank: { isPoll?: boolean }): Promise<void> => {
      const pass = await admission.enter('durable', new AbortController().signal, rank);
      sentAt.push(Date.now());
      await new Promise((resolve) => setTimeout(resolve, 50));
      pass.leave('succeeded');
    };
    const waits: number[] = [];
    const polls = setInterval(() => void call(POLL).catch(() => undefined), 2);
    const confirms = setInterval(() => {
      const askedAt = Date.now();
      void call({}).then(() => waits.push(Date.now() - askedAt - 50));
    }, 100);
    await vi.advanceTimersByTimeAsync(10_000);
    clearInterval(polls);
    clearInterval(confirms);
    await vi.advanceTimersByTimeAsync(6_000);
    expect(waits.length).toBeGreaterThanOrEqual(99);
    expect(Math.max(...waits)).toBe(0);
    for (const from of sentAt)
      expect(sentAt.filter((at) => at >= from && at < from + 1_000).length).toBeLessThanOrEqual(100);
    expect(sentAt.length).toBeGreaterThan(700);
  });
});

test('durable calls wait their turn, first come first served', async () => {
  const admission = admissionOf(1_000);
  const inside = await fill(admission);
  const order: number[] = [];
  const waiting = [1, 2, 3].map((n) =>
    admission.enter('durable', forever).then((pass) => {
      order.push(n);
      return pass;
    }),
  );
  inside[0]?.leave('succeeded');
  (await waiting[0])?.leave('succeeded');
  (await waiting[1])?.leave('succeeded');
  await waiting[2];
  expect(order).toEqual([1, 2, 3]);
});

test('a brief call does not overtake those who wait', async () => {
  const admission = admissionOf(1);
  await admission.enter('durable', forever);
  const waiting = admission.enter('durable', forever);
  // There is a token by now, and the one who waits for it has not been woken yet.
  vi.setSystemTime(Date.now() + 1_200);
  await expect(admission.enter('brief', forever)).rejects.toMatchObject({ code: 'gate_shut' });
  await vi.advanceTimersByTimeAsync(1_200);
  await waiting;
});

test('a durable call without a token waits for it', async () => {
  const admission = admissionOf(1);
  await admission.enter('durable', forever);
  const startedAt = Date.now();
  const waiting = admission.enter('durable', forever).then(() => Date.now() - startedAt);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(await waiting).toBe(1_112);
});

test('a durable call that waited five seconds is rate limited, with the time to come back', async () => {
  const admission = admissionOf(0.1);
  await admission.enter('durable', forever);
  const refused = expect(admission.enter('durable', forever)).rejects.toMatchObject({
    code: 'rate_limited',
    retryAfterMs: expect.any(Number) as number,
  });
  await vi.advanceTimersByTimeAsync(5_000);
  await refused;
});

test('a caller who gives up while waiting leaves the line to the next', async () => {
  const admission = admissionOf(1_000);
  const inside = await fill(admission);
  const controller = new AbortController();
  const first = expect(admission.enter('durable', controller.signal)).rejects.toMatchObject({ code: 'rate_limited' });
  const second = admission.enter('durable', forever);
  controller.abort();
  await first;
  inside[0]?.leave('succeeded');
  await second;
});

test('a 429 keeps everybody out for as long as it said', async () => {
  const admission = admissionOf(1_000);
  admission.pauseFor(3_000);
  await expect(admission.enter('brief', forever)).rejects.toMatchObject({ code: 'gate_shut', retryAfterMs: 3_000 });
  const waiting = admission.enter('durable', forever);
  await vi.advanceTimersByTimeAsync(3_000);
  await waiting;
});

test('a 429 longer than anybody waits here turns away at once whom nobody asked for', async () => {
  const admission = admissionOf(1_000);
  admission.pauseFor(30_000);
  await expect(admission.enter('durable', forever)).rejects.toMatchObject({
    code: 'rate_limited',
    retryAfterMs: 30_000,
    quietMs: 30_000,
  });
});

test('while quiet is asked for, a call that somebody waits for goes before those who came first', async () => {
  const admission = admissionOf(1_000);
  const leaving = new AbortController();
  admission.pauseFor(4_000);
  const first = expect(admission.enter('durable', leaving.signal)).rejects.toMatchObject({
    code: 'rate_limited',
    retryAfterMs: 4_000,
    quietMs: 4_000,
  });
  (await admission.enter('brief', forever, { isAsked: true })).leave('undecided');
  await expect(admission.enter('brief', forever, { isAsked: true })).rejects.toMatchObject({
    code: 'gate_shut',
    quietMs: 4_000,
  });
  leaving.abort();
  await first;
});

test('however many are asked for, one a second tries while quiet is asked for', async () => {
  const admission = admissionOf(1_000);
  const startedAt = Date.now();
  const sentAt: number[] = [];
  admission.pauseFor(60_000);
  const call = async (): Promise<void> => {
    const pass = await admission.enter('durable', new AbortController().signal, { isAsked: true });
    sentAt.push(Date.now() - startedAt);
    await new Promise((resolve) => setTimeout(resolve, 40));
    admission.pauseFor(60_000);
    pass.leave('undecided');
  };
  const outcomes = Promise.allSettled(Array.from({ length: 20 }, call));
  await vi.advanceTimersByTimeAsync(6_000);
  const refused = (await outcomes).filter((outcome) => outcome.status === 'rejected');
  expect(sentAt).toEqual([0, 1_000, 2_000, 3_000, 4_000, 5_000]);
  expect(refused).toHaveLength(14);
  for (const { reason } of refused) {
    expect(reason).toMatchObject({ code: 'rate_limited', gatewayCode: null, quietMs: expect.any(Number) as number });
    expect(reason).toHaveProperty(
      'retryAfterMs',
      expect.toSatisfy((ms: number) => ms <= 1_000),
    );
  }
});

test('one that goes well lets the others in at once', async () => {
  const admission = admissionOf(1_000);
  admission.pauseFor(4_000);
  const waiting = admission.enter('durable', forever);
  (await admission.enter('durable', forever, { isAsked: true })).leave('succeeded');
  await waiting;
});

test('calls that fail are let through three a second; those whose turn does not come are rate limited unsent', async () => {
  const nowMs = () => Date.now();
  const gate = createGate(createTokenBucket(1_000, nowMs), nowMs, createFailureLimit(3, nowMs));
  const admission = createAdmission(gate);
  const startedAt = Date.now();
  const sentAt: number[] = [];
  const apply = async (): Promise<void> => {
    const pass = await admission.enter('durable', new AbortController().signal);
    sentAt.push(Date.now() - startedAt);
    await new Promise((resolve) => setTimeout(resolve, 40));
    pass.leave('refused');
  };
  const outcomes = Promise.allSettled(Array.from({ length: 20 }, apply));
  await vi.advanceTimersByTimeAsync(6_000);
  const refused = (await outcomes).filter((outcome) => outcome.status === 'rejected');
  expect(sentAt).toHaveLength(15);
  for (const from of sentAt) expect(sentAt.filter((at) => at >= from && at < from + 1_000)).toHaveLength(3);
  for (const { reason } of refused) {
    expect(reason).toMatchObject({
      code: 'rate_limited',
      gatewayCode: null,
      retryAfterMs: expect.any(Number) as number,
    });
  }
  expect(refused).toHaveLength(5);
});

test('calls that succeed are not slowed by the limit of those that fail', async () => {
  const nowMs = () => Date.now();
  const gate = createGate(createTokenBucket(1_000, nowMs), nowMs, createFailureLimit(3, nowMs));
  const admission = createAdmission(gate);
  const startedAt = Date.now();
  const apply = async (): Promise<number> => {
    const pass = await admission.enter('durable', new AbortController().signal);
    await new Promise((resolve) => setTimeout(resolve, 40));
    pass.leave('succeeded');
    return Date.now() - startedAt;
  };
  const done = Promise.all(Array.from({ length: 30 }, apply));
  await vi.advanceTimersByTimeAsync(1_000);
  expect(Math.max(...(await done))).toBe(400);
});
