import { Hono, type Context } from 'hono';
import { z } from 'zod';
import type { Gateway } from '../gateway.js';
import { credentialsOf, notifySigningSchema, protocolSchema } from '../identity/merchant.js';
import type { Merchant } from '../identity/merchants.js';
import { limitNames } from '../wire/apis.js';
import { chosenMchid, chosenMerchant, readBody, refuse } from './request.js';

const appid = z.string().regex(/^wx[0-9A-Za-z]{1,30}$/, 'wx and up to 30 letters or digits');

const newMerchantSchema = z
  .strictObject({
    mchid: z
      .string()
      .regex(/^\d{8,10}$/, '8 to 10 digits')
      .optional(),
    /** The API that its clients are set up for; both are served to every merchant. */
    protocol: protocolSchema.default('v3'),
    appid: appid.optional(),
    appids: z.array(appid).min(1).max(50).optional(),
  })
  .refine((body) => body.appid === undefined || body.appids === undefined, 'appid or appids')
  .refine(({ appids = [] }) => new Set(appids).size === appids.length, 'appids: one is there twice');

const limitsSchema = z.partialRecord(z.enum(limitNames), z.number().positive());

export function merchantRoutes({ merchants }: Gateway, secapiPort: number): Hono {
  /** With the TLS port under the name by which the caller came. */
  const shown = (c: Context, { row }: Merchant) => ({
    ...credentialsOf(row, merchants.authority.certificatePem),
    secapiUrl: `https://${new URL(c.req.url).hostname}:${secapiPort}`,
  });
  const app = new Hono();
  app.get('/merchant', (c) => c.json(shown(c, chosenMerchant(c, merchants))));
  app.get('/merchants', (c) => c.json(merchants.all().map((merchant) => shown(c, merchant))));
  app.post('/merchants', async (c) => {
    const { appid: only, appids = only === undefined ? [] : [only], ...wanted } = await readBody(c, newMerchantSchema);
    const added = await merchants.add({ ...wanted, appids });
    return c.json(shown(c, added ?? refuse(409, 'merchant_exists', 'this mchid is taken')));
  });
  app.post('/certificates/rotate', async (c) => {
    const { row } = await merchants.rotate(chosenMchid(c, merchants));
    return c.json({ platformSerialNo: row.platformCertificates.at(-1)?.serialNo });
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
