import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { discountShare } from '../../src/sandbox/refund/apply.js';
import { control, type Json, type Reply } from './support/client.js';
import { applyRefund, paidTrade, refundBody } from './support/refund.js';
import { query } from './support/trade.js';
import { runs } from '../support/property-runs.js';
import { useSandbox } from './support/use-sandbox.js';

describe('the shares of a coupon', () => {
  const step = fc.record({ fen: fc.integer({ min: 1, max: 9 }), closes: fc.array(fc.nat(9), { maxLength: 3 }) });

  it('are never more than the coupon or the refund, and the payer never gets more than they paid', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.nat(40),
        fc.array(step, { size: '+1' }),
        (totalFen, coupon, steps) => {
          const couponFen = Math.min(coupon, totalFen);
          const held: { fen: number; discount: number }[] = [];
          const sums = () => ({
            refundedFen: held.reduce((sum, { fen }) => sum + fen, 0),
            discountedFen: held.reduce((sum, { discount }) => sum + discount, 0),
          });
          const give = (fen: number) => {
            const discount = discountShare({ totalFen, couponFen, ...sums(), refundFen: fen });
            expect(discount).toBeGreaterThanOrEqual(0);
            expect(discount).toBeLessThanOrEqual(fen);
            held.push({ fen, discount });
            const { refundedFen, discountedFen } = sums();
            expect(discountedFen).toBeLessThanOrEqual(couponFen);
            expect(refundedFen - discountedFen).toBeLessThanOrEqual(totalFen - couponFen);
          };
          for (const { fen, closes } of steps) {
            for (const closed of closes) held.splice(closed, 1);
            if (sums().refundedFen + fen <= totalFen) give(fen);
          }
          const left = totalFen - sums().refundedFen;
          if (left > 0) give(left);
          expect(sums()).toEqual({ refundedFen: totalFen, discountedFen: couponFen });
        },
      ),
      runs(100),
    );
  });

  it('are exact for amounts whose product is beyond 2^53', () => {
    const shares = { totalFen: 1_000_000_007, couponFen: 999_999_999, refundedFen: 0, discountedFen: 0 };
    expect(discountShare({ ...shares, refundFen: 999_999_937 })).toBe(999_999_929);
  });
});

describe('requests at the same time', () => {
  const { sandbox, merchant } = useSandbox();

  beforeAll(async () => {
    await control(sandbox, 'PUT', '/settings', { refundDelayMs: 10 * 365 * 86_400_000 });
  });

  const request = fc.record({ number: fc.nat(5), fen: fc.oneof(fc.nat(700), fc.constant(1200)).map((fen) => fen + 1) });
  const round = fc.record({
    requests: fc.array(request, { minLength: 1, maxLength: 6 }),
    settled: fc.constantFrom(undefined, 'SUCCESS', 'ABNORMAL', 'CLOSED'),
    waits: fc.oneof({ weight: 3, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
  });

  it('refund a number once and never more than was paid, whatever comes of the refunds', async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(round, { minLength: 1, maxLength: 6 }), fc.nat(1200), async (rounds, couponFen) => {
        run += 1;
        const { outTradeNo } = await paidTrade(sandbox, merchant, { couponFen });
        const answers = new Map<string, Reply[]>();
        for (const { requests, settled, waits } of rounds) {
          const sent = requests.map(async ({ number, fen }) => {
            const outRefundNo = `P${process.pid}@${run}-${number}`;
            const reply = await applyRefund(sandbox, merchant, refundBody(outTradeNo, outRefundNo, fen));
            answers.set(outRefundNo, [...(answers.get(outRefundNo) ?? []), reply]);
          });
          await Promise.all(sent);
          if (settled) await settleOne(outTradeNo, settled);
          if (waits) await control(sandbox, 'POST', '/clock', { advanceSeconds: 60 });
        }
        await booksAreRight(outTradeNo, answers);
      }),
      runs(10),
    );
  });

  const rowsOf = async (outTradeNo: string) =>
    (await control<Json[]>(sandbox, 'GET', '/refunds')).filter((row) => row['out_trade_no'] === outTradeNo);

  async function settleOne(outTradeNo: string, status: string): Promise<void> {
    const open = (await rowsOf(outTradeNo)).find((row) => row['status'] === 'PROCESSING');
    if (!open) return;
    const number = encodeURIComponent(String(open['out_refund_no']));
    await control(sandbox, 'POST', `/refunds/${number}/settle`, { status });
  }

  async function booksAreRight(outTradeNo: string, answers: Map<string, Reply[]>): Promise<void> {
    const rows = await rowsOf(outTradeNo);
    const holding = rows.filter((row) => row['status'] !== 'CLOSED');
    expect(holding.reduce((sum, row) => sum + Number(row['refund']), 0)).toBeLessThanOrEqual(1200);
    expect(new Set(rows.map((row) => row['out_refund_no'])).size).toBe(rows.length);
    for (const [outRefundNo, replies] of answers) {
      const accepted = replies.filter(({ status }) => status === 200).map(({ json }) => json['refund_id']);
      const made = rows.filter((row) => row['out_refund_no'] === outRefundNo).map((row) => row['refund_id']);
      expect([...new Set(accepted)]).toEqual(made);
    }
    const { trade_state } = (await query(sandbox, merchant, outTradeNo)).json;
    expect(trade_state).toBe(holding.length > 0 ? 'REFUND' : 'SUCCESS');
  }
});
