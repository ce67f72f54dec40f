import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { loadInbox, type InboxRow } from '../../db/notify-inbox.js';
import type { Mchid } from '../../domain/ids.js';
import { ApiError } from '../api-error.js';
import { actorLabel } from '../auth/actor.js';
import { requireOperator } from '../auth/authenticate.js';
import { operatorDeps, type IngressDeps } from '../deps.js';
import type { IngressEnv } from '../env.js';
import { tell } from '../notify/tell.js';
import { mchidQuery } from '../orders/order-call.js';
import { problems } from '../problems.js';
import { reasonSchema } from '../reason.js';
import { recordedAction } from '../../temporal/operator/recorded-action.js';
import { inboxRowSchema, inboxView } from './inbox-view.js';

const route = createRoute({
  method: 'post',
  path: '/v1/inbox/{id}/redrive',
  operationId: 'redriveInbox',
  tags: ['Operators'],
  summary: 'Tell the order or the refund again what a notify says',
  description: 'Safe to repeat: money that is settled stays as it is, and the row becomes `duplicate`.',
  security: [{ apiKey: [] }],
  request: {
    params: z.object({ id: z.string().openapi({ param: { name: 'id', in: 'path' } }) }),
    query: mchidQuery,
    body: { required: true, content: { 'application/json': { schema: z.strictObject({ reason: reasonSchema }) } } },
  },
  responses: {
    200: { description: 'Delivered.', content: { 'application/json': { schema: inboxRowSchema } } },
    ...problems('not_found', 'order_not_found'),
  },
});

export function registerRedriveInbox(app: OpenAPIHono<IngressEnv>, deps: IngressDeps): void {
  app.openapi(route, async (c) => {
    const actor = actorLabel(requireOperator(c.get('actor')));
    const { reason } = c.req.valid('json');
    const row = await requireRow(deps, c.get('mchid'), c.req.valid('param').id);
    await redrive(deps, row, { actor, reason });
    return c.json(inboxView(await requireRow(deps, row.mchid, row.id)), 200);
  });
}

async function requireRow(deps: IngressDeps, mchid: Mchid, id: string): Promise<InboxRow> {
  const row = z.uuid().safeParse(id).success ? await loadInbox(deps.connection.db, id) : undefined;
  if (row?.mchid !== mchid) throw new ApiError('not_found', 'This merchant has no such notify.');
  return row;
}

async function redrive(
  deps: IngressDeps,
  row: InboxRow,
  who: { readonly actor: string; readonly reason: string },
): Promise<void> {
  const { mchid, orderNo } = row;
  if (orderNo === null) throw unmatched();
  const asked = { mchid, orderNo, action: 'redrive', parameters: { inboxId: row.id }, ...who } as const;
  const outcome = await recordedAction(operatorDeps(deps), asked, () => tell(deps, row));
  if (outcome === 'unmatched') throw unmatched();
}

const unmatched = (): ApiError =>
  new ApiError(
    'order_not_found',
    'No order has the outTradeNo of this notify. An order that is placed later is told by itself within two minutes.',
  );
