import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { planOf, type Hurt, type PlanOptions } from '../../lab/plan.js';
import { faultSchema } from '../../src/sandbox/fault/fault.js';

const stories = [
  { name: 'paid', protocol: 'v3' },
  { name: 'never paid', protocol: 'v3' },
  { name: 'paid over API v2', protocol: 'v2' },
] as const;

const options: fc.Arbitrary<PlanOptions> = fc.record({
  seed: fc.nat(),
  orders: fc.integer({ min: 1, max: 200 }),
  minutes: fc.integer({ min: 1, max: 60 }),
  pooler: fc.boolean(),
  stories: fc.constant(stories),
});

describe('a plan of the lab', () => {
  test('is the same for the same options', () => {
    fc.assert(
      fc.property(options, (it) => {
        expect(planOf(it)).toEqual(planOf(it));
      }),
    );
  });

  test('is another for another seed', () => {
    const plan = (seed: number) => planOf({ seed, orders: 20, minutes: 10, pooler: false, stories });
    expect(plan(1).hurts).not.toEqual(plan(2).hurts);
    expect(plan(1).orders.map(({ amountFen }) => amountFen)).not.toEqual(plan(2).orders.map((it) => it.amountFen));
  });

  test('has every order once, within its time, and only faults that the sandbox takes', () => {
    fc.assert(
      fc.property(options, (it) => {
        const { orders } = planOf(it);
        expect(new Set(orders.map(({ orderNo }) => orderNo)).size).toBe(it.orders);
        for (const order of orders) {
          expect(order.orderNo).toMatch(/^[0-9A-Za-z_-]{6,32}$/);
          expect(order.atMs).toBeLessThan(it.minutes * 60_000);
          expect(order.expiresInSeconds).toBeGreaterThanOrEqual(60);
          for (const fault of order.faults) expect(faultSchema.safeParse(fault).error).toBeUndefined();
        }
      }),
    );
  });

  test("wipes Temporal's store once where there is time to find what is lost, and hurts no process while it is still away", () => {
    fc.assert(
      fc.property(options, (it) => {
        const { hurts } = planOf(it);
        expect(hurts.filter(({ harm }) => harm === 'wipe')).toHaveLength(it.minutes < 3 ? 0 : 1);
        for (const name of new Set(hurts.map(({ part }) => part)))
          expect(tooEarly(hurts.filter(({ part }) => part === name))).toEqual([]);
      }),
    );
  });

  test('freezes for 5 to 40 s, never kills the sandbox, and hurts PgBouncer only where there is one', () => {
    fc.assert(
      fc.property(options, (it) => {
        const { hurts } = planOf(it);
        for (const { part, harm, forMs } of hurts) {
          if (harm === 'freeze') expect(forMs).toSatisfy((ms: number) => ms >= 5_000 && ms <= 40_000);
          if (part === 'the sandbox') expect(harm).toBe('freeze');
          if (part === 'PgBouncer') expect(it.pooler).toBe(true);
        }
      }),
    );
  });

  test('of an hour hurts more than 50 times', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const { hurts } = planOf({ seed, orders: 1, minutes: 60, pooler: false, stories });
        expect(hurts.filter(({ harm }) => harm === 'kill' || harm === 'wipe').length).toBeGreaterThanOrEqual(50);
      }),
      { numRuns: 200 },
    );
  });
});

const tooEarly = (hurts: readonly Hurt[]): Hurt[] =>
  hurts.filter((hurt, index) => {
    const before = hurts[index - 1];
    return before !== undefined && hurt.atMs < before.atMs + before.forMs;
  });
