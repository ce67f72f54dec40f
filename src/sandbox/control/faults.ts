import { Hono } from 'hono';
import { z } from 'zod';
import { faultSchema } from '../fault/fault.js';
import type { ControlDeps } from './deps.js';
import { chosenMerchant, readBody, refuse } from './request.js';

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
