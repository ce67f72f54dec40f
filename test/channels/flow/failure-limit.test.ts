import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createFailureLimit } from '../../../src/channels/flow/limits.js';

test('failures use it up, and give it back when they are a second old', () => {
  let now = 0;
  const limit = createFailureLimit(2, () => now);
  const fail = () => {
    limit.entered();
    limit.left(true);
  };
  fail();
  now = 300;
  expect(limit.ask()).toBe(0);
  fail();
  expect(limit.ask()).toBe(700);
  now = 999;
  expect(limit.ask()).toBe(1);
  now = 1_000;
  expect(limit.ask()).toBe(0);
});

test('a call under way may be a failure, until it has succeeded', () => {
  const limit = createFailureLimit(1, () => 0);
  limit.entered();
  expect(limit.ask()).toBeGreaterThan(0);
  limit.left(false);
  expect(limit.ask()).toBe(0);
});

test('a share below one a second is one in a longer second', () => {
  let now = 0;
  const limit = createFailureLimit(0.75, () => now);
  limit.entered();
  limit.left(true);
  now = 1_333;
  expect(limit.ask()).toBe(1);
  now = 1_334;
  expect(limit.ask()).toBe(0);
});

test('a share between two whole numbers is not passed either', () => {
  let now = 0;
  const limit = createFailureLimit(1.5, () => now);
  let failures = 0;
  for (; now < 30_000; now += 1) {
    if (limit.ask() > 0) continue;
    limit.entered();
    limit.left(true);
    failures += 1;
  }
  expect(failures).toBe(45);
});

type Call = { readonly gap: number; readonly lasts: number; readonly fails: boolean };
const calls = fc.array(fc.record({ gap: fc.nat(300), lasts: fc.nat(2_000), fails: fc.boolean() }), {
  minLength: 1,
  maxLength: 200,
});

test('no second holds more failures than the limit, by when they were sent or by when they ended', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 6 }), calls, (perSecond, plan) => {
      const failed = run(perSecond, plan);
      for (const moment of ['sentAt', 'endedAt'] as const) {
        const at = failed.map((call) => call[moment]);
        const busiest = Math.max(0, ...at.map((from) => at.filter((it) => it >= from && it < from + 1_000).length));
        expect(busiest).toBeLessThanOrEqual(perSecond);
      }
    }),
  );
});

/** Tries one call after the other, each when it is due; what may not go is dropped. */
function run(perSecond: number, plan: readonly Call[]): { sentAt: number; endedAt: number }[] {
  let now = 0;
  const limit = createFailureLimit(perSecond, () => now);
  const failed: { sentAt: number; endedAt: number }[] = [];
  let underWay: { endsAt: number; fails: boolean }[] = [];
  const endUntil = (until: number): void => {
    const due = underWay.filter((call) => call.endsAt <= until).sort((a, b) => a.endsAt - b.endsAt);
    underWay = underWay.filter((call) => call.endsAt > until);
    for (const call of due) {
      now = call.endsAt;
      limit.left(call.fails);
    }
    now = until;
  };
  for (const { gap, lasts, fails } of plan) {
    endUntil(now + gap);
    if (limit.ask() > 0) continue;
    limit.entered();
    underWay.push({ endsAt: now + lasts, fails });
    if (fails) failed.push({ sentAt: now, endedAt: now + lasts });
  }
  return failed;
}
