import { Hono } from 'hono';
import { z } from 'zod';
import { faultSchema } from '../fault/fault.js';
import type { ControlDeps } from './deps.js';
import { chosenMerchant, readBody, refuse } from './request.js';
import type { Notify } from '../notify/notify.js';
import { beijingTime } from '../store/clock.js';

const listSchema = z.array(faultSchema);

/** What goes wrong, and how often. */
export function faultRoutes({ faults, merchants }: ControlDeps): Hono {
  const app = new Hono();
  app.put('/faults', async (c) =>
    c.json(faults.replace(chosenMerchant(c, merchants).row.mchid, await readBody(c, listSchema))),
  );
  app.post('/faults', async (c) =>
    c.json(faults.append(chosenMerchant(c, merchants).row.mchid, await readBody(c, listSchema))),
  );
  app.get('/faults', (c) => c.json(faults.list(chosenMerchant(c, merchants).row.mchid)));
  app.delete('/faults', (c) => {
    faults.clear(chosenMerchant(c, merchants).row.mchid);
    return c.body(null, 204);
  });
  app.delete('/faults/:id', (c) => {
    const removed = faults.remove(chosenMerchant(c, merchants).row.mchid, c.req.param('id'));
    return removed ? c.body(null, 204) : refuse(404, 'unknown_fault', 'no fault has this id');
  });
  return app;
}

const maxAdvanceSeconds = 10 * 365 * 86_400;

/** What the gateway did, and its clock. */
export function observationRoutes(deps: ControlDeps): Hono {
  const { clock, counters, merchants, notifies, refundLife } = deps;
  const app = new Hono();
  app.get('/notifies', (c) => c.json(deliveries(deps, chosenMerchant(c, merchants).row.mchid)));
  app.get('/calls', (c) => {
    const chosen = c.req.query('mchid') === undefined ? merchants.all() : [chosenMerchant(c, merchants)];
    return c.json(Object.fromEntries(chosen.map(({ row }) => [row.mchid, counters.calls(row.mchid)])));
  });
  app.get('/clock', (c) => c.json({ now: beijingTime(clock.now()) }));
  app.post('/clock', async (c) => {
    const { advanceSeconds } = await readBody(
      c,
      z.strictObject({ advanceSeconds: z.number().min(0).max(maxAdvanceSeconds) }),
    );
    clock.advance(advanceSeconds);
    refundLife.catchUp();
    notifies.catchUp();
    return c.json({ now: beijingTime(clock.now()) });
  });
  return app;
}

/** Every delivery in the order of time. */
function deliveries({ notifies }: ControlDeps, mchid: string) {
  return notifies
    .ofMerchant(mchid)
    .flatMap((notify) =>
      notify.deliveries.map((delivery) => ({ ...delivery, mchid, ...common(notify), at: delivery.at })),
    )
    .sort((a, b) => a.at - b.at)
    .map((row) => ({ ...row, at: beijingTime(row.at) }));
}

function common(notify: Notify) {
  return {
    id: notify.id,
    event_type: notify.eventType,
    out_trade_no: notify.outTradeNo,
    ...(notify.outRefundNo === undefined ? {} : { out_refund_no: notify.outRefundNo }),
    url: notify.url,
  };
}
