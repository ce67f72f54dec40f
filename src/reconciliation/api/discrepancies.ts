import { createRoute, z } from '@hono/zod-openapi';
import type { Db } from '../../db/connection.js';
import { actorLabel, requireOperator } from '../../http/kit/actor.js';
import { answer, bodyLike, idParam, mchidQuery, pageOf, pageQuery } from '../../http/kit/call.js';
import { csvFile, jsonOrCsv, wantsCsv } from '../../http/kit/csv.js';
import { reasonSchema } from '../../http/kit/fields.js';
import { problems } from '../../http/kit/problem.js';
import { useCaseDeps, type Route } from '../../http/kit/route.js';
import { BILL_KINDS } from '../rules/bill-line.js';
import { DISCREPANCY_ACTIONS, DISCREPANCY_CLASSES, DISCREPANCY_STATUSES, REPAIRS, SUBJECTS } from '../rules/classes.js';
import { DISCREPANCY_COLUMNS } from '../rules/csv.js';
import { discrepancyAnswer, type DiscrepancyAnswer } from '../rules/view.js';
import { listDiscrepancies, type DiscrepancyFilter } from '../store/discrepancies.js';
import { decideDiscrepancy, requireDiscrepancy } from '../use-cases/decide.js';
import { daySchema } from './day-call.js';

export const registerDiscrepancies: Route = (app, given) => {
  const { db } = given.connection;
  const deps = useCaseDeps(given);
  app.openapi(list, async (c) => {
    const { mchid: _, ...query } = c.req.valid('query');
    const mchid = c.get('mchid');
    const filter = { mchids: [mchid], ...query };
    if (wantsCsv(c)) {
      const file = { name: `discrepancies-${mchid}`, columns: DISCREPANCY_COLUMNS, log: given.log };
      return csvFile(c, { ...file, pages: discrepancyPages(db, filter) });
    }
    const { items, nextCursor } = pageOf(await listDiscrepancies(db, filter));
    return c.json({ items: items.map(discrepancyAnswer), nextCursor }, 200);
  });
  app.openapi(get, async (c) => {
    const call = { mchids: [c.get('mchid')], id: c.req.valid('param').id };
    return c.json(discrepancyAnswer(await requireDiscrepancy(deps, call)), 200);
  });
  app.openapi(resolve, async (c) => {
    const actor = requireOperator(c.get('actor'));
    const { action, reason } = c.req.valid('json');
    const call = { mchids: [c.get('mchid')], id: c.req.valid('param').id };
    const decided = await decideDiscrepancy(deps, call, action, { actor: actorLabel(actor), reason });
    return c.json(discrepancyAnswer(decided), 200);
  });
};

/** Of a file; an answer in JSON has at most 200. */
const PAGE = 2_000;

export async function* discrepancyPages(db: Db, filter: DiscrepancyFilter): AsyncGenerator<DiscrepancyAnswer[], void> {
  let { cursor } = filter;
  do {
    const page = pageOf(await listDiscrepancies(db, { ...filter, cursor, limit: PAGE }));
    yield page.items.map(discrepancyAnswer);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
}

const text = z.string().nullable();
const at = z.iso.datetime();

export const discrepancySchema = z
  .strictObject({
    id: z.string(),
    mchid: z.string(),
    date: z.iso.date().openapi({ description: 'The day it is of.', example: '2026-03-01' }),
    class: z.enum(DISCREPANCY_CLASSES),
    subject: z.enum(SUBJECTS),
    status: z.enum(DISCREPANCY_STATUSES).openapi({
      description:
        "`repaired`: both sides say the same since. `accepted` and `resolved` are a person's word about these figures, and stay; other figures are another discrepancy.",
    }),
    bill: z.enum(BILL_KINDS).nullable().openapi({ description: 'The bill that has the line; `null`: none has.' }),
    lineNo: z.int().min(1).nullable(),
    orderNo: text,
    outTradeNo: text,
    transactionId: text,
    refundNo: text,
    refundId: text,
    billFen: z.int().min(0).nullable().openapi({ description: 'What the bill says; `null`: nothing.' }),
    ownFen: z.int().min(0).nullable().openapi({
      description: 'What our books say, of a line of the fund-flow bill what the trade bill says; `null`: nothing.',
    }),
    differences: z.record(z.string(), z.unknown()).openapi({
      description: 'What else each side says, by field.',
      example: { appid: { bill: 'wx0000000000000001', own: 'wx0000000000000002' } },
    }),
    openedAt: at.openapi({ description: 'Its age counts from here.' }),
    closedAt: at.nullable(),
    repairedBy: z.enum(REPAIRS).nullable().openapi({ description: 'What closed it without a person.' }),
    closedBy: text.openapi({ description: 'The operator key that decided.' }),
    reason: text,
    recheckedBy: text.openapi({ description: 'The operator key that last had WeChat Pay asked again.' }),
    recheckReason: text,
    recheckedAt: at.nullable(),
  })
  .openapi('Discrepancy');

const discrepancyPage = z
  .strictObject({ items: z.array(discrepancySchema), nextCursor: z.string().nullable() })
  .openapi('DiscrepancyPage');

const list = createRoute({
  method: 'get',
  path: '/v1/discrepancies',
  operationId: 'listDiscrepancies',
  tags: ['Reconciliation'],
  summary: "Where our books and WeChat Pay's bills disagree, the latest day first",
  security: [{ apiKey: [] }],
  request: {
    query: z
      .strictObject({
        mchid: z.string().optional(),
        status: z.enum(DISCREPANCY_STATUSES).optional(),
        class: z.enum(DISCREPANCY_CLASSES).optional(),
        from: daySchema.optional(),
        to: daySchema.optional().openapi({ description: 'The last day, included.' }),
        ...pageQuery,
      })
      .refine(({ from, to }) => from === undefined || to === undefined || from <= to, {
        path: ['to'],
        message: 'must not be before from',
      }),
  },
  responses: { 200: jsonOrCsv('One page; `nextCursor` is null on the last.', discrepancyPage), ...problems() },
});

const get = createRoute({
  method: 'get',
  path: '/v1/discrepancies/{id}',
  operationId: 'getDiscrepancy',
  tags: ['Reconciliation'],
  summary: 'One discrepancy',
  security: [{ apiKey: [] }],
  request: { params: idParam, query: mchidQuery },
  responses: { 200: answer('The discrepancy.', discrepancySchema), ...problems('discrepancy_not_found') },
});

const resolveSchema = z
  .strictObject({ action: z.enum(DISCREPANCY_ACTIONS), reason: reasonSchema })
  .openapi('ResolveDiscrepancy');

const RESOLVE_EXAMPLES = {
  accept: { value: { action: 'accept', reason: 'Seen with finance' } },
} as const;

const resolve = createRoute({
  method: 'post',
  path: '/v1/discrepancies/{id}/resolve',
  operationId: 'resolveDiscrepancy',
  tags: ['Reconciliation'],
  summary: 'Decide about a discrepancy, or have it looked at again',
  description:
    '`accept`: it stays as it is. `resolve`: it was put right elsewhere. Neither moves money, and both are final. `recheck` has its order or refund ask WeChat Pay, where one here can, and runs the day again: it is `repaired` where both sides then agree. Operators only.',
  security: [{ apiKey: [] }],
  request: { params: idParam, query: mchidQuery, body: bodyLike(resolveSchema, RESOLVE_EXAMPLES) },
  responses: {
    200: answer('The discrepancy as it then stands.', discrepancySchema),
    ...problems('discrepancy_not_found', 'discrepancy_not_open', 'date_too_old'),
  },
});
