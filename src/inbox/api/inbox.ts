import { redrive } from '../use-cases/redrive.js';
import { operatorAsker, requireOperator } from '../../http/kit/actor.js';
import { listInbox, type InboxRow } from '../store/inbox.js';
import { createRoute, z } from '@hono/zod-openapi';
import { problems } from '../../http/kit/problem.js';
import { INBOX_KINDS, INBOX_PROTOCOLS, INBOX_STATUSES } from '../rules/notify.js';
import { answer, pageAnswer, pageOf, rowRequest, pageQuery } from '../../http/kit/call.js';
import { useCaseDeps, type Route } from '../../http/kit/route.js';

export const registerInboxCalls: Route = (app, deps) => {
  app.openapi(list, async (c) => {
    requireOperator(c.get('actor'));
    const { status, cursor, limit } = c.req.valid('query');
    const page = pageOf(await listInbox(deps.connection.db, { mchid: c.get('mchid'), status, cursor, limit }));
    return c.json({ items: page.items.map(inboxView), nextCursor: page.nextCursor }, 200);
  });
  app.openapi(redriveCall, async (c) => {
    const asker = operatorAsker(c.get('actor'), c.req.valid('json').reason);
    const ref = { mchid: c.get('mchid'), id: c.req.valid('param').id };
    return c.json(inboxView(await redrive(useCaseDeps(deps), ref, asker)), 200);
  });
};

export const inboxRowSchema = z
  .strictObject({
    id: z.string(),
    mchid: z.string(),
    protocol: z.enum(INBOX_PROTOCOLS),
    kind: z.enum(INBOX_KINDS).openapi({ description: '`other`: of a product that this version does not handle.' }),
    eventType: z
      .string()
      .openapi({ description: "WeChat Pay's word for what happened.", example: 'TRANSACTION.SUCCESS' }),
    originalType: z.string().nullable().openapi({ description: 'What was sealed, in its word; of kind `other`.' }),
    key: z.string().openapi({ description: "WeChat Pay's own id of the notify; a repeat has the same." }),
    status: z.enum(INBOX_STATUSES).openapi({
      description:
        '`verified`: nobody was told yet. `unmatched`: no order has this number. `unsupported`: kept, and nobody is told; `redrive` reads it again.',
    }),
    outTradeNo: z.string().nullable().openapi({ description: 'Of kind `other`: where it names one.' }),
    outRefundNo: z.string().nullable().openapi({ description: 'Of a refund notify.' }),
    orderNo: z.string().nullable(),
    transactionId: z.string().nullable().openapi({ description: 'Of a payment notify, as is the amount.' }),
    amountFen: z.int().nullable(),
    serialNo: z.string(),
    receivedAt: z.iso.datetime(),
    signalledAt: z.iso.datetime().nullable(),
    deliveries: z.int().openapi({ description: 'How often WeChat Pay delivered it.' }),
  })
  .openapi('InboxRow');

function inboxView(row: InboxRow): z.infer<typeof inboxRowSchema> {
  const payment = row.kind === 'payment' ? row.evidence : null;
  return {
    id: row.id,
    mchid: row.mchid,
    protocol: row.protocol,
    kind: row.kind,
    eventType: row.eventType,
    originalType: row.kind === 'other' ? row.evidence.originalType : null,
    key: row.key,
    status: row.status,
    outTradeNo: row.outTradeNo,
    outRefundNo: row.kind === 'refund' ? row.outRefundNo : null,
    orderNo: row.orderNo,
    transactionId: payment?.transactionId ?? null,
    amountFen: payment?.totalFen ?? null,
    serialNo: row.serialNo,
    receivedAt: row.receivedAt.toISOString(),
    signalledAt: row.signalledAt?.toISOString() ?? null,
    deliveries: row.deliveries,
  };
}

const list = createRoute({
  method: 'get',
  path: '/v1/inbox',
  operationId: 'listInbox',
  tags: ['Operators'],
  summary: 'Verified notifies, newest first, and what became of them',
  security: [{ apiKey: [] }],
  request: {
    query: z.strictObject({
      mchid: z.string().optional(),
      status: inboxRowSchema.shape.status.optional(),
      ...pageQuery,
    }),
  },
  responses: {
    200: pageAnswer('InboxPage', inboxRowSchema),
    ...problems(),
  },
});

const redriveCall = createRoute({
  method: 'post',
  path: '/v1/inbox/{id}/redrive',
  operationId: 'redriveInbox',
  tags: ['Operators'],
  summary: 'Tell the order or the refund again what a notify says',
  description:
    'Safe to repeat: money that is settled stays as it is, and the row becomes `duplicate`. What is `unsupported` is read again, and delivered if this version handles it.',
  security: [{ apiKey: [] }],
  request: rowRequest,
  responses: {
    200: answer('Delivered.', inboxRowSchema),
    ...problems('not_found', 'order_not_found', 'notify_unsupported', 'outcome_pending'),
  },
});
