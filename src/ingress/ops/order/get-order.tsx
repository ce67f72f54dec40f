import type { Context, Hono } from 'hono';
import { loadTimeline } from '../../../timeline/store/timeline.js';
import type { OrderRecord } from '../../../domain/order/record.js';
import type { IngressDeps, IngressEnv } from '../../../http/kit/route.js';
import { explanationOf } from '../../orders/explanation.js';
import { requireOrder } from '../../../orders/use-cases/order.js';
import { requireMerchant } from '../../../ops/kit/merchants.js';
import { page } from '../../../ops/kit/page.js';
import { temporalUrl } from '../../../ops/kit/pieces.js';
import { actionsFor, refundActionsFor } from './actions-for.js';
import { flashOf, type OrderPageModel } from './model.js';
import { OrderHeading, OrderPage } from './page.js';
import { ORDER_TEXTS } from './text.js';
import { timelineItems } from './timeline-items.js';

export function registerOpsOrder(app: Hono<IngressEnv>, deps: IngressDeps): void {
  app.get('/ops/orders/:mchid/:orderNo', async (c) => {
    const mchid = requireMerchant(c, c.req.param('mchid'));
    const model = await modelOf(
      c,
      deps,
      await requireOrder(deps.connection, { mchid, orderNo: c.req.param('orderNo') }),
    );
    const title = `${ORDER_TEXTS[model.language].order} ${model.order.orderNo}`;
    return page(c, { title, heading: <OrderHeading model={model} /> }, <OrderPage model={model} />);
  });
}

async function modelOf(c: Context<IngressEnv>, deps: IngressDeps, order: OrderRecord): Promise<OrderPageModel> {
  const [language, now] = [c.get('language'), deps.now()];
  const [{ explain, events }, entries] = await Promise.all([
    explanationOf(deps, order),
    loadTimeline(deps.connection.db, { mchid: order.mchid, orderNo: order.orderNo }),
  ]);
  return {
    order,
    explanation: explain,
    events,
    timeline: timelineItems(entries, language),
    actions: actionsFor(order, now),
    refundActions: new Map(order.refunds.map((refund) => [refund.outRefundNo, refundActionsFor(order, refund)])),
    language,
    now,
    flash: flashOf(c.req.query('done')),
    temporal: (workflowId) => temporalUrl(deps, workflowId),
  };
}
