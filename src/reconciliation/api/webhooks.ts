import { z } from '@hono/zod-openapi';
import type { Route } from '../../http/kit/route.js';
import { documentWebhook, webhookSchema } from '../../http/kit/webhook.js';
import { orderEventSchemas } from '../../shop-events/api/webhooks.js';
import { reconciliationSchema } from './day-call.js';
import { discrepancySchema } from './discrepancies.js';

const { explain: _, ...factsOfDay } = reconciliationSchema.shape;

const reconciliation = z
  .strictObject(factsOfDay)
  .openapi('ReconciliationTold', { description: 'The day as it was when its run ended.' });

const completed = webhookSchema(
  'ReconciliationCompletedEvent',
  'reconciliation.completed',
  z.strictObject({ reconciliation }).openapi('ReconciliationEventData'),
);
const opened = webhookSchema(
  'DiscrepancyOpenedEvent',
  'discrepancy.opened',
  z.strictObject({ discrepancy: discrepancySchema }).openapi('DiscrepancyEventData'),
);

/** Every body that a shop's endpoint may be sent, told apart by its `type`. */
const anyEvent = z.discriminatedUnion('type', [...orderEventSchemas, completed, opened]).openapi('WebhookEvent');

export const registerDayWebhooks: Route = (app, deps) => {
  documentWebhook(completed, "A day was held against WeChat Pay's bills")(app, deps);
  documentWebhook(opened, 'A run found something that does not agree, and left it open')(app, deps);
  app.openAPIRegistry.register('WebhookEvent', anyEvent);
};
