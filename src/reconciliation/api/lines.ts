import { createRoute, z } from '@hono/zod-openapi';
import type { Db } from '../../db/connection.js';
import { pageOf, pageQuery } from '../../http/kit/call.js';
import { csvFile, jsonOrCsv, wantsCsv } from '../../http/kit/csv.js';
import { problems } from '../../http/kit/problem.js';
import type { Route } from '../../http/kit/route.js';
import { CLASSES, SUBJECTS, type Class } from '../rules/classes.js';
import { LINE_COLUMNS } from '../rules/csv.js';
import { lineAnswer, type LineAnswer } from '../rules/view.js';
import type { DayRef } from '../store/bill.js';
import { isDayKnown } from '../store/day.js';
import { listLines } from '../store/lines.js';
import { dayRefOf, dayRequest, requireDay } from './day-call.js';

export const registerLines: Route = (app, { connection: { db }, log }) => {
  app.openapi(route, async (c) => {
    const day = dayRefOf(c);
    const { class: name, cursor, limit } = c.req.valid('query');
    requireDay((await isDayKnown(db, day)) || undefined);
    if (wantsCsv(c)) {
      const file = ['reconciliation', day.mchid, day.date, ...(name === undefined ? [] : [name.replaceAll('_', '-')])];
      return csvFile(c, { name: file.join('-'), columns: LINE_COLUMNS, pages: linePages(db, day, name, cursor), log });
    }
    const { lines, nextCursor } = pageOf(await listLines(db, day, { class: name, cursor, limit }));
    return c.json({ items: lines.map(lineAnswer), nextCursor }, 200);
  });
};

/** Of a file; an answer in JSON has at most 200. */
const PAGE = 2_000;

/** Of all classes, one after the other, unless one is named. */
export async function* linePages(
  db: Db,
  day: DayRef,
  name: Class | undefined,
  from?: string,
): AsyncGenerator<LineAnswer[], void> {
  let cursor = from;
  do {
    const page = pageOf(await listLines(db, day, { class: name, cursor, limit: PAGE }));
    yield page.lines.map(lineAnswer);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
}

const text = z.string().nullable();

const lineSchema = z
  .strictObject({
    class: z.enum(CLASSES),
    isDiscrepancy: z.boolean().openapi({
      description: 'Else it is expected: both sides agree, another bill may have it, or it was declared or is known.',
    }),
    subject: z.enum(SUBJECTS),
    lineNo: z.int().min(1).nullable().openapi({ description: 'In the unzipped file; `null`: no bill has it.' }),
    at: z.iso.datetime().nullable(),
    orderNo: text,
    outTradeNo: text,
    transactionId: text,
    refundNo: text,
    refundId: text,
    billFen: z.int().min(0).nullable().openapi({ description: 'What the bill says; `null`: nothing.' }),
    ownFen: z.int().min(0).nullable().openapi({ description: 'What our books say; `null`: nothing.' }),
  })
  .openapi('ReconciliationLine');

const linePage = z
  .strictObject({ items: z.array(lineSchema), nextCursor: z.string().nullable() })
  .openapi('ReconciliationLinePage');

const route = createRoute({
  method: 'get',
  path: '/v1/reconciliations/{date}/lines',
  operationId: 'listReconciliationLines',
  tags: ['Reconciliation'],
  summary: 'The lines of a day, by class',
  description:
    'Lines of the trade bill with what our books have of them, and what our books have and no bill. Without `class` each class follows the other, and what is of several is listed in each. No amount has a sign: `subject` says which way the money went. The file has all of them, refunds below zero; `limit` is that of a page of JSON.',
  security: [{ apiKey: [] }],
  request: {
    params: dayRequest.params,
    query: z.strictObject({ mchid: z.string().optional(), class: z.enum(CLASSES).optional(), ...pageQuery }),
  },
  responses: {
    200: jsonOrCsv('One page; `nextCursor` is null on the last.', linePage),
    ...problems('reconciliation_not_found'),
  },
});
