import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { type InboxRow, loadInbox, loadProvenNotify } from '../../inbox/store/inbox.js';
import { understandNotify } from '../../inbox/store/receive.js';
import { NotifyRejected, type Gateway, type ParsedNotify, type ProvenNotify } from '../../channels/port.js';
import { ApiError } from '../../http/kit/api-error.js';
import { operatorDeps, type IngressDeps, type IngressEnv } from '../../http/kit/route.js';
import { tell } from '../../inbox/api/accept-notify.js';
import { problems } from '../../http/kit/problem.js';
import { rowRequest, type RowCall } from '../../http/kit/fields.js';
import { operatorAsker } from '../../http/kit/actor.js';
import { recordedAction, type Asker } from '../../temporal/operator/recorded-action.js';
import { inboxRowSchema, inboxView } from '../../inbox/api/inbox.js';

const route = createRoute({
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
    200: { description: 'Delivered.', content: { 'application/json': { schema: inboxRowSchema } } },
    ...problems('not_found', 'order_not_found', 'notify_unsupported', 'outcome_pending'),
  },
});

export function registerRedriveInbox(app: OpenAPIHono<IngressEnv>, deps: IngressDeps): void {
  app.openapi(route, async (c) => {
    const asker = operatorAsker(c.get('actor'), c.req.valid('json').reason);
    const ref = { mchid: c.get('mchid'), id: c.req.valid('param').id };
    return c.json(inboxView(await redrive(deps, ref, asker)), 200);
  });
}

/** The notify as it stands once whom it concerns was told again. Throws `not_found`, `order_not_found`, `notify_unsupported`. */
export async function redrive(deps: IngressDeps, ref: RowCall, asker: Asker): Promise<InboxRow> {
  const row = await understood(deps, await requireRow(deps, ref));
  const { mchid, orderNo } = row;
  if (orderNo === null) throw unmatched();
  const asked = { mchid, orderNo, action: 'redrive', parameters: { inboxId: row.id }, ...asker } as const;
  const outcome = await recordedAction(operatorDeps(deps), asked, () => tell(deps, row));
  if (outcome === 'unmatched') throw unmatched();
  return requireRow(deps, row);
}

/** The row as this build reads it: what an earlier one could only keep may be delivered by now. Throws `notify_unsupported`. */
async function understood(deps: IngressDeps, row: InboxRow): Promise<InboxRow> {
  if (row.kind !== 'other') return row;
  const { db } = deps.connection;
  const proven = await loadProvenNotify(db, row.id);
  const gateway = deps.gateways.for(row.mchid);
  if (proven === undefined || gateway === undefined)
    throw new ApiError('not_found', 'This merchant is not configured.');
  const said = readAgain(gateway, proven);
  if (said.kind === 'other') throw unsupported('It is of a kind that this version of PaySaga does not handle.');
  const id = await understandNotify(db, row, { ...said, mchid: row.mchid });
  return requireRow(deps, { mchid: row.mchid, id });
}

function readAgain(gateway: Gateway, proven: ProvenNotify): ParsedNotify {
  try {
    return gateway.rereadNotify(proven);
  } catch (error) {
    if (!(error instanceof NotifyRejected)) throw error;
    throw unsupported(`It can no longer be read with the configured key (${error.code}).`);
  }
}

const unsupported = (detail: string): ApiError => new ApiError('notify_unsupported', detail);

async function requireRow(deps: IngressDeps, { mchid, id }: RowCall): Promise<InboxRow> {
  const row = await loadInbox(deps.connection.db, id);
  if (row?.mchid !== mchid) throw new ApiError('not_found', 'This merchant has no such notify.');
  return row;
}

const unmatched = (): ApiError =>
  new ApiError(
    'order_not_found',
    'No order has the outTradeNo of this notify. An order that is placed later is told by itself within two minutes.',
  );
