import { Hono } from 'hono';
import { z } from 'zod';
import type { Gateway } from '../gateway.js';
import { credentialsOf, notifySigningSchema } from '../identity/merchant.js';
import { limitNames } from '../wire/apis.js';
import { chosenMchid, chosenMerchant, readBody, refuse } from './request.js';

const appid = z.string().regex(/^wx[0-9A-Za-z]{1,30}$/, 'wx and up to 30 letters or digits');

const newMerchantSchema = z
  .strictObject({
    mchid: z
      .string()
      .regex(/^\d{8,10}$/, '8 to 10 digits')
      .optional(),
    appid: appid.optional(),
    appids: z.array(appid).min(1).max(50).optional(),
  })
  .refine((body) => body.appid === undefined || body.appids === undefined, 'appid or appids')
  .refine(({ appids = [] }) => new Set(appids).size === appids.length, 'appids: one is there twice');

const limitsSchema = z.partialRecord(z.enum(limitNames), z.number().positive());

export function merchantRoutes({ merchants }: Gateway): Hono {
  const app = new Hono();
  app.get('/merchant', (c) => c.json(credentialsOf(chosenMerchant(c, merchants).row)));
  app.get('/merchants', (c) => c.json(merchants.all().map((merchant) => credentialsOf(merchant.row))));
  app.post('/merchants', async (c) => {
    const { mchid, appid: only, appids = only === undefined ? [] : [only] } = await readBody(c, newMerchantSchema);
    const added = await merchants.add(mchid, appids);
    return c.json(credentialsOf((added ?? refuse(409, 'merchant_exists', 'this mchid is taken')).row));
  });
  app.post('/certificates/rotate', async (c) => {
    const { row } = await merchants.rotate(chosenMchid(c, merchants));
    return c.json({ platformSerialNo: credentialsOf(row).platformSerialNo });
  });
  app.put('/signing', async (c) => {
    const { notify } = await readBody(c, z.strictObject({ notify: notifySigningSchema }));
    merchants.change(chosenMchid(c, merchants), { notifySigning: notify });
    return c.json({ notify });
  });
  app.put('/limits', async (c) => {
    const limits = await readBody(c, limitsSchema);
    merchants.change(chosenMchid(c, merchants), { limits });
    return c.json(limits);
  });
  return app;
}
