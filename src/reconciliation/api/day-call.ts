import { z } from '@hono/zod-openapi';
import type { Mchid } from '../../base/ids.js';
import { answer, mchidQuery } from '../../http/kit/call.js';
import { bothLanguages, parsedText } from '../../http/kit/fields.js';
import { DomainError } from '../../orders/rules/domain-error.js';
import { BILL_KINDS } from '../rules/bill-line.js';
import { CLASSES, SUBJECTS } from '../rules/classes.js';
import { BILL_DISTRUSTS, BILL_STATES, DAY_FAILURES, DAY_STATES, DAY_WAITS, parseBillDate } from '../rules/day.js';
import { explainDay } from '../rules/explain.js';
import { dayAnswer } from '../rules/view.js';
import type { DayRef } from '../store/bill.js';
import type { DayDetail } from '../store/day.js';

const EXAMPLE = '2026-03-01';

/** A calendar day in Beijing, whether or not anything is known of it. */
export const daySchema = parsedText(parseBillDate, `must be a day like ${EXAMPLE}`).openapi({
  type: 'string',
  format: 'date',
  description: 'A calendar day in Beijing.',
  example: EXAMPLE,
});

/** What every call about one day has in common: its path, its merchant. */
export const dayRequest = {
  params: z.object({ date: daySchema.openapi({ param: { name: 'date', in: 'path' } }) }),
  query: mchidQuery,
};

type DayCall = {
  readonly var: { readonly mchid: Mchid };
  readonly req: { valid(target: 'param'): { date: DayRef['date'] } };
};

export const dayRefOf = (c: DayCall): DayRef => ({ mchid: c.var.mchid, date: c.req.valid('param').date });

/** Throws `reconciliation_not_found` where no run was ever begun. */
export function requireDay<Day>(day: Day | undefined): Day {
  if (day === undefined) throw new DomainError('reconciliation_not_found', 'No run of this day was ever begun.');
  return day;
}

/** The day as every call answers it. */
export function dayView(day: DayDetail, now: Date) {
  const { nextStepZh, ...explain } = explainDay(day, now);
  return { ...dayAnswer(day), explain };
}

const at = z.iso.datetime();
const fen = z.int().min(0);

const billSchema = z
  .strictObject({
    kind: z.enum(BILL_KINDS),
    state: z.enum(BILL_STATES).openapi({
      description: '`none`: WeChat Pay says that nothing moved. `untrusted`: nothing of the file counts.',
    }),
    distrust: z.enum(BILL_DISTRUSTS).nullable().openapi({
      description:
        'Why it is `untrusted`: another file than was announced, one that cannot be read, or that contradicts its own summary; `refused`: WeChat Pay gives this merchant none. Of an `imported` one: why the file that was to take its place was not trusted; what was imported stays.',
    }),
    distrustWhy: z.string().nullable().openapi({
      description:
        'More of `distrust`: the line and column that do not fit, the figure that does not add up, the code of a refusal.',
      example: 'line 12: bad_value (订单金额)',
    }),
    sha1: z.string().nullable().openapi({ description: 'Of the unzipped file, as WeChat Pay announced it.' }),
    lines: z.int().min(0),
    fetchedAt: at.nullable().openapi({
      description:
        'When WeChat Pay last gave it: a run that is offered the very file that is imported (the same `sha1`) counts, one whose file is not taken does not.',
    }),
  })
  .openapi('Bill');

const classSchema = z
  .strictObject({
    class: z.enum(CLASSES),
    subject: z.enum(SUBJECTS),
    isDiscrepancy: z.boolean().openapi({ description: 'Else it is counted and needs nobody.' }),
    count: z.int().min(0),
    billFen: fen.openapi({ description: 'What the bill says of them.' }),
    ownFen: fen.openapi({ description: 'What our books say of them.' }),
  })
  .openapi('ReconciliationClass');

const explanationSchema = z
  .strictObject({
    waitingFor: z.enum([...DAY_WAITS, 'stalled', 'run', 'operator', 'nothing']),
    since: at,
    nextStep: z.string(),
    nextAt: at.nullable(),
    actor: z.enum(['nobody', 'operator', 'wechat']),
    commands: z.array(z.string()).openapi({ description: 'For an operator to paste, the most useful first.' }),
    text: bothLanguages,
  })
  .openapi('ReconciliationExplanation');

export const reconciliationSchema = z
  .strictObject({
    date: z.iso.date().openapi({ example: EXAMPLE }),
    mchid: z.string(),
    state: z.enum(DAY_STATES).openapi({
      description:
        '`waiting`: a run is under way. `empty`: no line, and nothing of ours. `balanced`: nothing is open. `differs`: a discrepancy is open, or there is no bill of a day on which we took money. `failed`: no bill that can be trusted.',
    }),
    run: z.int().min(1).openapi({ description: 'The same day again is a new run over the same rows.' }),
    failure: z.enum(DAY_FAILURES).nullable(),
    waitsFor: z.enum(DAY_WAITS).nullable(),
    waitingSince: at.nullable(),
    stalledSince: at.nullable().openapi({
      description: 'Since when the workflow of its run cannot go on: run the day again once that is mended.',
    }),
    nextAt: at.nullable().openapi({ description: 'When it is asked for, or looked at, again.' }),
    startedAt: at,
    finishedAt: at.nullable().openapi({ description: 'Of the last run; `null` while one is under way.' }),
    bills: z.array(billSchema).openapi({ description: 'Those that were asked for, the trade bill first.' }),
    classes: z.array(classSchema).openapi({
      description: 'Both sides of the day by class; what is of several classes counts in each.',
    }),
    feesFen: z.int().nullable().openapi({
      description: 'As the trade bill sums them up; negative where more was given back than taken.',
    }),
    openDiscrepancies: z.int().min(0),
    explain: explanationSchema,
  })
  .openapi('Reconciliation');

export const dayContent = (description: string) => answer(description, reconciliationSchema);
