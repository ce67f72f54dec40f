import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { PaySaga, verifyWebhook, WebhookError, type VerifiedEvent } from 'paysaga/client';
import { z } from 'zod';

const env = z
  .object({
    PAYSAGA_URL: z.string().default('http://127.0.0.1:8080'),
    PAYSAGA_KEY: z.string(),
    PAYSAGA_WEBHOOK_SECRET: z.string(),
    PORT: z.coerce.number().default(9000),
  })
  .parse(process.env);
const paysaga = new PaySaga({ baseUrl: env.PAYSAGA_URL, apiKey: env.PAYSAGA_KEY });

const GOODS: Readonly<Record<string, { priceFen: number; inStock: boolean }>> = {
  teapot: { priceFen: 4550, inStock: true },
  moonstone: { priceFen: 9900, inStock: false },
};

type SoldOrder = { orderNo: string; version: number; state: string; amountFen: number; refundedFen: number };
type Sale = { item: string; delivery: 'open' | 'sent' | 'soldOut'; order: SoldOrder };

// A real shop keeps both in its database, and what it does about an event in one transaction with the event's id.
const sales = new Map<string, Sale>();
const heard = new Set<string>();

const app = new Hono();

app.get('/', (c) =>
  c.html(
    Object.keys(GOODS)
      .map((item) => `<form method="post" action="/buy/${item}"><button>Buy a ${item}</button></form>`)
      .join(''),
  ),
);

// An order that waits for the goods: what cannot be sent is paid back.
app.post('/buy/:item', async (c) => {
  const item = c.req.param('item');
  const goods = GOODS[item];
  if (goods === undefined) return c.text('There is no such thing here.', 404);
  const { checkoutUrl, ...order } = await paysaga.createOrder({
    orderNo: `ts-${randomUUID().slice(0, 18)}`,
    amountFen: goods.priceFen,
    description: `A ${item}`,
    product: 'native',
    policy: { fulfilment: { required: true, deadlineSeconds: 3600 } },
  });
  sales.set(order.orderNo, { item, delivery: 'open', order });
  return c.redirect(checkoutUrl, 303);
});

app.get('/orders/:orderNo', (c) => {
  const sale = sales.get(c.req.param('orderNo'));
  return sale === undefined ? c.json({ error: 'unknown' }, 404) : c.json(sale);
});

// The refund's number is the shop's own: a second click asks for the same refund.
app.post('/orders/:orderNo/refund', async (c) => {
  const sale = sales.get(c.req.param('orderNo'));
  if (sale === undefined) return c.json({ error: 'unknown' }, 404);
  const { orderNo, amountFen } = sale.order;
  const refund = await paysaga.createRefund({ orderNo, refundNo: `${orderNo}-1`, amountFen, reason: 'Sent back' });
  return c.json(refund, 202);
});

app.post('/paysaga', async (c) => {
  const event = await verified(await c.req.text(), c.req.header());
  if (event === undefined) return c.text('This is not signed by PaySaga.', 401);
  if (!heard.has(event.id)) hear(event);
  // Only now: a shop that fails above is told again.
  heard.add(event.id);
  return c.body(null, 204);
});

/** The raw body, before anything of it is believed. */
async function verified(body: string, headers: Record<string, string>): Promise<VerifiedEvent | undefined> {
  try {
    return await verifyWebhook(body, headers, env.PAYSAGA_WEBHOOK_SECRET);
  } catch (error) {
    if (error instanceof WebhookError) return undefined;
    throw error;
  }
}

function hear({ type, data }: VerifiedEvent): void {
  // A test event and those of days have no order.
  const order = 'order' in data ? data.order : undefined;
  const sale = order && sales.get(order.orderNo);
  if (order === undefined || sale === undefined) return;
  // Events may overtake each other: of the order, the newest version stands.
  if (order.version > sale.order.version) sale.order = order;
  console.log(type, order.orderNo, `version ${order.version}`);
  if (type === 'order.paid') void deliver(sale);
}

/** After the answer to the webhook, again until PaySaga has it; what was said before is said again. */
async function deliver(sale: Sale): Promise<void> {
  const inStock = GOODS[sale.item]?.inStock === true;
  for (;;) {
    try {
      await paysaga.reportFulfilment({ orderNo: sale.order.orderNo, outcome: inStock ? 'fulfilled' : 'rejected' });
      sale.delivery = inStock ? 'sent' : 'soldOut';
      return;
    } catch (error) {
      console.error(error);
      await sleep(2_000);
    }
  }
}

app.onError((error, c) => {
  console.error(error);
  return c.json({ error: error.message }, 502);
});

serve({ fetch: app.fetch, hostname: '127.0.0.1', port: env.PORT }, ({ port }) => {
  console.log(`shop listening on http://127.0.0.1:${port}`);
});
