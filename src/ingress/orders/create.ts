import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { insertOrder, loadOrder } from '../../orders/store/order.js';
import type { Mchid } from '../../base/ids.js';
import type { OrderRecord } from '../../domain/order/record.js';
import { ApiError } from '../../http/kit/api-error.js';
import type { IngressDeps, IngressEnv } from '../../http/kit/route.js';
import { problems } from '../../http/kit/problem.js';
import { unlessAway } from '../../http/kit/outage.js';
import { type CreateOrderBody, createOrderSchema } from './create-schema.js';
import { isRepeatOf, newOrder } from './new-order.js';
import { orderContent, requireOrder, viewOf } from './order-call.js';
import { mchidQuery } from '../../http/kit/fields.js';

const route = createRoute({
  method: 'post',
  path: '/v1/orders',
  operationId: 'createOrder',
  tags: ['Orders'],
  summary: 'Create an order, or repeat a creation',
  description:
    'The orderNo makes it safe to repeat: an equal body answers the same order, another one `order_conflict`. Waits up to 8 s for WeChat Pay; after that, while Temporal is away, and while somebody has to repair the configuration, 202: it goes on by itself.',
  security: [{ apiKey: [] }],
  request: {
    query: mchidQuery,
    body: { required: true, content: { 'application/json': { schema: createOrderSchema } } },
  },
  responses: {
    200: orderContent('A repeat: the order as it is.'),
    201: orderContent('Created, with the codes in `attempts[0]`.'),
    202: orderContent('Recorded; WeChat Pay has not given a code yet. `stuckReason` says if somebody must act.'),
    ...problems('order_conflict', 'prepay_refused'),
  },
});

export function registerCreateOrder(app: OpenAPIHono<IngressEnv>, deps: IngressDeps): void {
  app.openapi(route, async (c) => {
    const body = c.req.valid('json');
    c.set('about', { orderNo: body.orderNo });
    const mchid = c.get('mchid');
    const { inserted, record } = await recordOrder(deps, mchid, body);
    const answered = record.state === 'creating' ? await waitForCodes(deps, record) : record;
    requireNotRefused(answered);
    const view = viewOf(deps, answered);
    if (answered.state === 'creating') return c.json(view, 202);
    return inserted ? c.json(view, 201) : c.json(view, 200);
  });
}

/** Inserts the order or finds the one this body made. A repeat is joined even if the merchant's configuration has changed since. */
async function recordOrder(deps: IngressDeps, mchid: Mchid, body: CreateOrderBody) {
  const { db } = deps.connection;
  const order = newOrder(body, mchid, deps.merchants.of(mchid));
  if (!order.ok) {
    const earlier = await loadOrder(db, { mchid, orderNo: body.orderNo });
    if (earlier === undefined || !isRepeatOf(body, earlier)) throw new ApiError('invalid_request', order.error);
    return { inserted: false, record: earlier };
  }
  const { inserted, record } = await insertOrder(db, { ...order.value, createdAt: deps.now() });
  if (!inserted && !isRepeatOf(body, record)) {
    throw new ApiError('order_conflict', 'An order with this number was made from another body.');
  }
  return { inserted, record };
}

async function waitForCodes(deps: IngressDeps, order: OrderRecord): Promise<OrderRecord> {
  const { mchid, orderNo } = order;
  await unlessAway(deps, { mchid, orderNo }, () => deps.orders.create(order));
  return requireOrder(deps, mchid, orderNo);
}

function requireNotRefused(order: OrderRecord): void {
  if (order.state !== 'closed' || order.closedReason !== 'rejected') return;
  throw new ApiError('prepay_refused', 'WeChat Pay refused this order; it is closed.', {
    gateway: order.attempts[0]?.refusal ?? null,
  });
}
