import { z } from 'zod';
import type { DiscrepancyRow, LineRow } from '../../reconciliation/rules/csv.js';

const text = z.string().nullable();
const fen = z.number().nullable();

export const dayAnswer = z.object({
  ...{ date: z.string(), mchid: z.string(), state: z.string(), failure: text, run: z.number() },
  ...{ startedAt: z.string(), finishedAt: text, feesFen: fen, openDiscrepancies: z.number() },
  bills: z.array(
    z.object({
      kind: z.string(),
      state: z.string(),
      distrust: text,
      distrustWhy: text,
      sha1: text,
      lines: z.number(),
      fetchedAt: text,
    }),
  ),
  classes: z.array(
    z.object({
      ...{ class: z.string(), subject: z.string(), isDiscrepancy: z.boolean() },
      ...{ count: z.number(), billFen: z.number(), ownFen: z.number() },
    }),
  ),
  explain: z.object({
    text: z.object({ zh: z.string(), en: z.string() }),
    nextAt: text,
    commands: z.array(z.string()),
  }),
});
export type DayAnswer = z.infer<typeof dayAnswer>;

const numbers = { orderNo: text, outTradeNo: text, transactionId: text, refundNo: text, refundId: text };
const sides = { lineNo: z.number().nullable(), billFen: fen, ownFen: fen };

export const lineAnswer: z.ZodType<LineRow> = z.object({
  ...{ class: z.string(), isDiscrepancy: z.boolean(), subject: z.string(), at: text },
  ...numbers,
  ...sides,
});

export const discrepancyAnswer: z.ZodType<DiscrepancyRow> = z.object({
  ...{ id: z.string(), mchid: z.string(), date: z.string(), class: z.string(), subject: z.string() },
  ...{ status: z.string(), bill: text, ...numbers, ...sides, differences: z.record(z.string(), z.unknown()) },
  ...{ openedAt: z.string(), closedAt: text, repairedBy: text, closedBy: text, reason: text },
  ...{ recheckedBy: text, recheckReason: text, recheckedAt: text },
});
