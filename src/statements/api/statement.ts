import { createRoute, z } from '@hono/zod-openapi';
import { ApiError } from '../../http/kit/api-error.js';
import { csvHeaders, jsonOrCsv, wantsCsv } from '../../http/kit/csv.js';
import { problems } from '../../http/kit/problem.js';
import type { Route } from '../../http/kit/route.js';
import { statementCsv } from '../rules/csv.js';
import { MAX_PERIOD_DAYS, parsePeriod, type Period } from '../rules/period.js';
import { GROUPINGS } from '../rules/statement.js';
import { statement } from '../use-cases/statement.js';

export const registerStatement: Route = (app, { connection }) => {
  app.openapi(route, async (c) => {
    const { from, to, groupBy } = c.req.valid('query');
    const mchid = c.get('mchid');
    const made = await statement(connection, { mchid, ...periodOf(from, to), groupBy });
    if (wantsCsv(c)) return c.text(statementCsv(made), 200, csvHeaders(`statement-${mchid}-${from}-${to}`));
    return c.json({ ...made, items: [...made.items] }, 200);
  });
};

function periodOf(from: string, to: string): Period {
  const period = parsePeriod(from, to);
  if (period.ok) return period.value;
  throw new ApiError('invalid_request', `query ${period.error.field}: ${period.error.message}.`);
}

const sum = (description: string) => z.int().openapi({ description });
const BILLED =
  'By the trade bills, which have all systems of the merchant. `null` while the bill of one of the days is not there, and of a single product or appid: `totals` have them.';
const takings = {
  paidCount: z.int().min(0),
  paidFen: sum("Of orders that are paid, by WeChat Pay's time of success."),
  refundedCount: z.int().min(0),
  refundedFen: sum('Of that, by the time at which WeChat Pay accepted the refund; not what came to nothing since.'),
  returnedCount: z.int().min(0),
  returnedFen: sum('Given back of money that made no order paid, as what came twice or late; never part of `paidFen`.'),
  netFen: sum('`paidFen` less `refundedFen`.'),
  feesFen: sum(`${BILLED} Negative where more was given back than taken.`).nullable(),
  settledFen: sum(
    `What WeChat Pay pays out: payments without free coupons, less refunds and fees. Bills have the money of all systems under the mchid, so it may exceed the net. ${BILLED}`,
  ).nullable(),
};

const statementSchema = z
  .strictObject({
    mchid: z.string(),
    from: z.string(),
    to: z.string(),
    groupBy: z.enum(GROUPINGS),
    items: z.array(z.strictObject({ group: z.string(), ...takings }).openapi('StatementItem')).openapi({
      description:
        'Every day (`2026-03-01`) or month (`2026-03`) of the period; of products and appids those that took or gave back anything.',
    }),
    totals: z.strictObject(takings).openapi('StatementTotals'),
  })
  .openapi('Statement');

const day = z.string().max(10);

const route = createRoute({
  method: 'get',
  path: '/v1/statements',
  operationId: 'getStatement',
  tags: ['Statements'],
  summary: 'Takings by day, month, product or appid',
  description:
    "From PaySaga's own books as they stand now. `paidFen` is what `GET /v1/orders?paidFrom=&paidTo=` lists of the same days, `refundedFen` and `returnedFen` together what `GET /v1/refunds?acceptedFrom=&acceptedTo=` lists, less the `closed` ones. Fees and settlement follow once the days are reconciled.",
  security: [{ apiKey: [] }],
  request: {
    query: z.strictObject({
      mchid: z.string().optional(),
      from: day.openapi({ description: 'A calendar day in Beijing.', example: '2026-03-01' }),
      to: day.openapi({
        description: `The last day, included; at most ${MAX_PERIOD_DAYS} days.`,
        example: '2026-03-31',
      }),
      groupBy: z.enum(GROUPINGS).default('day'),
    }),
  },
  responses: { 200: jsonOrCsv('The statement.', statementSchema), ...problems() },
});
