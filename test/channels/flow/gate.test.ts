import { beforeEach, describe, expect, test } from 'vitest';
import { createFailureLimit, createTokenBucket } from '../../../src/channels/flow/limits.js';
import { createGate, type CallEnd, type Gate, type Pass } from '../../../src/channels/flow/gate.js';

let now: number;
let gate: Gate;
beforeEach(() => {
  now = 0;
  gate = gateOf(10_000);
});

const gateOf = (perSecond: number): Gate =>
  createGate(
    createTokenBucket(perSecond, () => now),
    () => now,
  );

function enter(patience: 'brief' | 'durable' = 'brief'): Pass {
  const entry = gate.enter(patience);
  if (entry.kind === 'shut') throw new Error(`shut: ${entry.why}`);
  return entry.pass;
}

function call(end: CallEnd, times = 1): void {
  for (let i = 0; i < times; i += 1) enter().leave(end);
}

test('the ninth call at once finds no slot, and finds one when another leaves', () => {
  const passes = Array.from({ length: 8 }, () => enter());
  expect(gate.enter('durable')).toMatchObject({ kind: 'shut', why: 'slots' });
  passes[3]?.leave('succeeded');
  expect(gate.enter('brief')).toMatchObject({ kind: 'entered' });
});

test('a pass left twice frees one slot', () => {
  const passes = Array.from({ length: 8 }, () => enter());
  passes[0]?.leave('succeeded');
  passes[0]?.leave('succeeded');
  enter();
  expect(gate.enter('brief')).toMatchObject({ kind: 'shut', why: 'slots' });
});

test('three failures in a row shut it for brief calls, for five seconds', () => {
  call('failed', 2);
  call('succeeded');
  call('failed', 3);
  expect(gate.enter('brief')).toEqual({ kind: 'shut', why: 'breaker', retryAfterMs: 5_000 });
  now = 4_999;
  expect(gate.enter('brief')).toMatchObject({ kind: 'shut', retryAfterMs: 1 });
});

test('a call that says nothing about the gateway neither counts nor forgives', () => {
  call('failed', 2);
  call('undecided');
  call('failed');
  expect(gate.enter('brief')).toMatchObject({ why: 'breaker' });
});

test('after the rest one brief call probes; the others wait for its end', () => {
  call('failed', 3);
  now = 5_000;
  const probe = enter();
  expect(gate.enter('brief')).toMatchObject({ why: 'breaker' });
  probe.leave('succeeded');
  enter();
});

test('a failed probe shuts it again', () => {
  call('failed', 3);
  now = 5_000;
  call('failed');
  expect(gate.enter('brief')).toMatchObject({ why: 'breaker', retryAfterMs: 5_000 });
});

test('a probe that was given up lets the next one probe', () => {
  call('failed', 3);
  now = 5_000;
  call('undecided');
  enter();
});

test('durable calls pass an open breaker, and their success closes it', () => {
  call('failed', 3);
  enter('durable').leave('succeeded');
  enter('brief');
});

test('a refusal is a sign of life: it closes the breaker', () => {
  call('failed', 2);
  call('refused');
  call('failed', 2);
  enter();
});

describe('where failures have a limit of their own', () => {
  beforeEach(() => {
    const nowMs = () => now;
    gate = createGate(createTokenBucket(10_000, nowMs), nowMs, createFailureLimit(3, nowMs));
  });

  test.each(['refused', 'failed', 'undecided'] as const)('three calls that ended as %s shut it for a second', (end) => {
    for (let i = 0; i < 3; i += 1) enter('durable').leave(end);
    expect(gate.enter('durable')).toEqual({ kind: 'shut', why: 'failures', retryAfterMs: 1_000 });
    now = 1_000;
    enter('durable');
  });

  test('successes cost nothing, however many', () => {
    call('succeeded', 100);
    enter();
  });

  test('no more are under way than may fail', () => {
    const passes = Array.from({ length: 3 }, () => enter());
    expect(gate.enter('durable')).toMatchObject({ why: 'failures' });
    passes[0]?.leave('succeeded');
    enter();
  });

  test('a call that finds no token or an open breaker is not under way', () => {
    const nowMs = () => now;
    gate = createGate(createTokenBucket(1, nowMs), nowMs, createFailureLimit(3, nowMs));
    for (let i = 0; i < 3; i += 1) {
      enter('durable').leave('failed');
      for (let again = 0; again < 3; again += 1) gate.enter('durable');
      now += 1_200;
    }
    for (let again = 0; again < 3; again += 1) expect(gate.enter('brief')).toMatchObject({ why: 'breaker' });
    enter('durable');
  });
});

test('a call without a token costs no slot and no probe', () => {
  gate = gateOf(1);
  enter().leave('succeeded');
  expect(gate.enter('brief')).toMatchObject({ kind: 'shut', why: 'tokens' });
  expect(gate.enter('durable')).toMatchObject({ kind: 'shut', why: 'tokens' });
  now = 1_200;
  for (let i = 0; i < 3; i += 1) {
    enter('durable').leave('failed');
    now += 1_200;
  }
  now += 5_000;
  const first = enter('brief');
  first.leave('undecided');
  expect(gate.enter('brief')).toMatchObject({ why: 'tokens' });
  now += 1_200;
  enter('brief');
});

test('quiet that was asked for keeps out all but those who are asked for; the one that goes well opens it', () => {
  gate.pauseFor(60_000);
  expect(gate.enter('brief')).toEqual({ kind: 'shut', why: 'quiet', retryAfterMs: 60_000 });
  expect(gate.enter('durable')).toMatchObject({ why: 'quiet' });
  const probe = gate.enter('brief', { isAsked: true });
  expect(gate.enter('durable', { isAsked: true })).toMatchObject({ why: 'quiet', retryAfterMs: 1_000 });
  if (probe.kind === 'entered') probe.pass.leave('succeeded');
  enter('durable');
  expect(gate.quietMs()).toBe(0);
});

test('one without a token has not tried', () => {
  gate = gateOf(1);
  enter('durable').leave('undecided');
  gate.pauseFor(60_000);
  expect(gate.enter('durable', { isAsked: true })).toMatchObject({ why: 'tokens' });
  now = 1_200;
  expect(gate.enter('durable', { isAsked: true })).toMatchObject({ kind: 'entered' });
});
