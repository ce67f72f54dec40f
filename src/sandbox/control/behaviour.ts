import { Hono } from 'hono';
import { z } from 'zod';
import { faultSchema } from '../fault/fault.js';
import type { Gateway } from '../gateway.js';
import type { Notify } from '../notify/notify.js';
import { beijingTime } from '../store/clock.js';
import { chosenMchid, readBody, refuse } from './request.js';

const faultsSchema = z.array(faultSchema);

const maxAdvanceSeconds = 10 * 365 * 86_400;
const advanceSchema = z.strictObject({ advanceSeconds: z.number().min(0).max(maxAdvanceSeconds) });

export function behaviourRoutes(gateway: Gateway): Hono {
  const { charges, clock, counters, faults, merchants, notifies, refundLife } = gateway;
  const app = new Hono();
  app.put('/faults', async (c) => c.json(faults.replace(chosenMchid(c, merchants), await readBody(c, faultsSchema))));
  app.post('/faults', async (c) => c.json(faults.append(chosenMchid(c, merchants), await readBody(c, faultsSchema))));
  app.get('/faults', (c) => c.json(faults.list(chosenMchid(c, merchants))));
  app.delete('/faults', (c) => {
    faults.clear(chosenMchid(c, merchants));
    return c.body(null, 204);
  });
  app.delete('/faults/:id', (c) => {
    const removed = faults.remove(chosenMchid(c, merchants), c.req.param('id'));
    return removed ? c.body(null, 204) : refuse(404, 'unknown_fault', 'no fault has this id');
  });
  app.get('/clock', (c) => c.json({ now: beijingTime(clock.now()) }));
  app.post('/clock', async (c) => {
    const { advanceSeconds } = await readBody(c, advanceSchema);
    clock.advance(advanceSeconds);
    charges.catchUp();
    refundLife.catchUp();
    notifies.catchUp();
    return c.json({ now: beijingTime(clock.now()) });
  });
  app.get('/calls', (c) => {
    const mchids =
      c.req.query('mchid') === undefined ? merchants.all().map(({ row }) => row.mchid) : [chosenMchid(c, merchants)];
    return c.json(Object.fromEntries(mchids.map((mchid) => [mchid, counters.calls(mchid)])));
  });
  app.get('/notifies', (c) => c.json(deliveriesOf(notifies.ofMerchant(chosenMchid(c, merchants)))));
  return app;
}

function deliveriesOf(notifies: readonly Notify[]) {
  return notifies
    .flatMap((notify) => notify.deliveries.map((delivery) => ({ notify, delivery })))
    .sort((a, b) => a.delivery.at - b.delivery.at)
    .map(({ notify, delivery }) => ({
      ...delivery,
      mchid: notify.mchid,
      id: notify.id,
      event_type: notify.eventType,
      out_trade_no: notify.outTradeNo,
      ...(notify.outRefundNo === undefined ? {} : { out_refund_no: notify.outRefundNo }),
      url: notify.url,
      at: beijingTime(delivery.at),
    }));
}
