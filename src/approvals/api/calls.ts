import { createRoute, z } from '@hono/zod-openapi';
import { operatorAsker } from '../../http/kit/actor.js';
import { bodyLike, mchidQuery, pageOf, pageQuery, rowRequest } from '../../http/kit/call.js';
import { reasonSchema } from '../../http/kit/fields.js';
import { problems } from '../../http/kit/problem.js';
import { useCaseDeps, type Route } from '../../http/kit/route.js';
import { APPROVAL_DECISION_NAMES, APPROVAL_STATUSES } from '../rules/approval.js';
import { approvalAnswer } from '../rules/view.js';
import { listApprovals } from '../store/list.js';
import { decide, requireApproval } from '../use-cases/decide.js';

export const registerApprovals: Route = (app, given) => {
  app.openapi(list, async (c) => {
    const { status, cursor, limit } = c.req.valid('query');
    const filter = { mchids: [c.get('mchid')], status, cursor, limit };
    const { items, nextCursor } = pageOf(await listApprovals(given.connection.db, filter));
    return c.json({ items: items.map(approvalAnswer), nextCursor }, 200);
  });
  app.openapi(get, async (c) => {
    const ref = { mchid: c.get('mchid'), id: c.req.valid('param').id };
    return c.json(approvalAnswer(await requireApproval(given.connection, ref)), 200);
  });
  app.openapi(decideRoute, async (c) => {
    const { decision, reason } = c.req.valid('json');
    const { id } = c.req.valid('param');
    const asker = { ...operatorAsker(c.get('actor'), reason), reason };
    const deps = { ...useCaseDeps(given), log: given.log.child({ requestId: c.get('requestId') }) };
    const { approval } = await decide(deps, { mchid: c.get('mchid'), id }, decision, asker);
    return c.json(approvalAnswer(approval), 200);
  });
};

const approvalSchema = z
  .strictObject({
    id: z.string(),
    status: z.enum(APPROVAL_STATUSES),
    refundNo: z.string(),
    orderNo: z.string(),
    mchid: z.string(),
    amountFen: z.int().min(1),
    reason: z.string().nullable().openapi({ description: 'What the payer is to read at WeChat Pay.' }),
    askedBy: z.enum(['shop', 'operator']),
    askedByName: z.string().nullable().openapi({ description: 'Null where the shop asked.' }),
    askedByKey: z.string(),
    createdAt: z.iso.datetime(),
    decidedByName: z.string().nullable(),
    decisionReason: z.string().nullable(),
    decidedAt: z.iso.datetime().nullable(),
  })
  .openapi('Approval', { description: 'A refund that another person has to approve before it begins.' });

type Approval = z.input<typeof approvalSchema>;

const PENDING: Approval = {
  id: '5b6d0a6e-3f0e-4d52-9d62-0f6f4f7a9b10',
  status: 'pending',
  refundNo: 'R-1001',
  orderNo: 'A-1001',
  mchid: '1900000001',
  amountFen: 128_000,
  reason: 'goods sent back',
  askedBy: 'operator',
  askedByName: 'Li Lei',
  askedByKey: '0a0a9a1e-7c1f-4c5b-8d8e-2f4f6a1f3c77',
  createdAt: '2026-11-29T05:00:00.000Z',
  decidedByName: null,
  decisionReason: null,
  decidedAt: null,
};

const APPROVED: Approval = {
  ...PENDING,
  status: 'approved',
  decidedByName: 'Han Meimei',
  decisionReason: 'seen the goods',
  decidedAt: '2026-11-29T05:20:00.000Z',
};

const shown = <Schema extends z.ZodType>(
  description: string,
  schema: Schema,
  name: string,
  value: z.input<Schema>,
) => ({
  description,
  content: { 'application/json': { schema, examples: { [name]: { value } } } },
});

const pageSchema = z
  .strictObject({ items: z.array(approvalSchema), nextCursor: z.string().nullable() })
  .openapi('ApprovalPage');

const list = createRoute({
  method: 'get',
  path: '/v1/approvals',
  operationId: 'listApprovals',
  tags: ['Refunds'],
  summary: 'Refunds that need the approval of another person, newest first',
  description: 'Also those that were decided. A merchant key may read them; an operator decides.',
  security: [{ apiKey: [] }],
  request: {
    query: z.strictObject({
      mchid: z.string().optional(),
      status: z.enum(APPROVAL_STATUSES).optional(),
      ...pageQuery,
    }),
  },
  responses: {
    200: shown('One page; `nextCursor` is null on the last.', pageSchema, 'pending', {
      items: [PENDING],
      nextCursor: null,
    }),
    ...problems(),
  },
});

const get = createRoute({
  method: 'get',
  path: '/v1/approvals/{id}',
  operationId: 'getApproval',
  tags: ['Refunds'],
  summary: 'One of them',
  security: [{ apiKey: [] }],
  request: { params: rowRequest.params, query: mchidQuery },
  responses: { 200: shown('The approval.', approvalSchema, 'pending', PENDING), ...problems('approval_not_found') },
});

const decideSchema = z
  .strictObject({ decision: z.enum(APPROVAL_DECISION_NAMES), reason: reasonSchema })
  .openapi('DecideApproval');

const decideRoute = createRoute({
  method: 'post',
  path: '/v1/approvals/{id}',
  operationId: 'decideApproval',
  tags: ['Operators'],
  summary: 'Approve a refund that waits, or reject it',
  description:
    'By another person than who asked: neither the same key nor the same name (`own_approval`). `approve` begins the refund as if it was asked for now, and all is looked at again; where that is refused it still waits. `reject` ends it for good. The same decision again changes nothing, the other one is `approval_final`.',
  security: [{ apiKey: [] }],
  request: {
    params: rowRequest.params,
    query: mchidQuery,
    body: bodyLike(decideSchema, {
      approve: { value: { decision: 'approve', reason: 'seen the goods' } },
      reject: { value: { decision: 'reject', reason: 'nothing was sent back' } },
    }),
  },
  responses: {
    200: shown('Decided, or decided so before.', approvalSchema, 'approved', APPROVED),
    ...problems(
      'own_approval',
      'refund_above_limit',
      'approval_not_found',
      'approval_final',
      'refund_conflict',
      'order_not_paid',
      'order_in_review',
      'refund_exceeds_paid',
      'refund_limit_reached',
      'refund_too_old',
    ),
  },
});
