import { expect, test } from 'vitest';
import { dayAnswer, discrepancyAnswer } from '../../../src/reconciliation/rules/view.js';
import { finishDay } from '../../../src/reconciliation/store/day.js';
import { loadRefund } from '../../../src/refunds/store/record.js';
import {
  DAY_EVENT_TYPES,
  dayEventBody,
  eventBody,
  MERCHANT_EVENT_TYPES,
  ORDER_EVENT_TYPES,
} from '../../../src/shop-events/rules/event.js';
import { booked, D, dayOf, discrepanciesOf, lineOf, payment, reconcile } from '../../reconciliation/books.js';
import { moveRefund, refundNo } from '../../refunds/api/refund-steps.js';
import { judgeOf, operationsOf, type Document, type Schema } from '../../http/support/document.js';
import { json, MCHID, NOW, useTestApp } from '../../http/support/test-app.js';

const app = useTestApp();

async function documented() {
  const document = await json<Document>(await app.send('GET', '/openapi.json', { key: null }));
  const judge = judgeOf(document);
  const any = document.components.schemas['WebhookEvent'] ?? {};
  const schemaOf = (type: string): Schema => {
    const schema = document.webhooks[type]?.['post']?.requestBody?.content['application/json']?.schema;
    if (schema === undefined) throw new Error(`${type} is no webhook of the document`);
    return schema;
  };
  const objections = (body: string, type: string) =>
    [any, schemaOf(type)].flatMap((schema) => judge(schema, JSON.parse(body)));
  return { document, objections };
}

test('the document has a webhook for every type of event that the shop may be sent', async () => {
  const { document } = await documented();
  expect(
    operationsOf(document.webhooks)
      .map(({ path }) => path)
      .sort(),
  ).toEqual([...MERCHANT_EVENT_TYPES].sort());
  const any = document.components.schemas['WebhookEvent'] as { discriminator: { mapping: Record<string, string> } };
  expect(Object.keys(any.discriminator.mapping).sort()).toEqual([...MERCHANT_EVENT_TYPES].sort());
});

test('an event of an order or a refund is as the document says', async () => {
  const { objections } = await documented();
  const number = await app.placePaidOrder({ metadata: { table: 7 } });
  await app.send('POST', `/v1/orders/${number}/refunds`, { body: { refundNo: 'W-1', amountFen: 5 } });
  await moveRefund(app, 'W-1', { state: 'succeeded', succeededAtMs: NOW.getTime() });
  const refund = (await loadRefund(app.connection.db, { mchid: MCHID, outRefundNo: refundNo('W-1') })) ?? null;
  const order = await app.load(number);
  for (const type of ORDER_EVENT_TYPES) {
    const about = type.startsWith('refund.') ? refund : null;
    const body = eventBody({ type, at: NOW, order, refund: about, late: type === 'order.paid' });
    expect(objections(body, type), type).toEqual([]);
    expect(objections(body.replace('"version"', '"versions"'), type), type).not.toEqual([]);
  }
  expect(
    objections(eventBody({ type: 'order.paid', at: NOW, order, refund: null, late: false }), 'order.paid'),
  ).toEqual([]);
});

test('an event of a day is as the document says', async () => {
  const { objections } = await documented();
  const books = { connection: app.connection, db: app.connection.db };
  const own = await booked(books);
  await reconcile(books, D, { trade: [lineOf(own, { totalFen: 1 }), lineOf(payment())] });
  await finishDay(app.connection.db, { mchid: MCHID, date: D }, NOW);
  const [discrepancy] = await discrepanciesOf(books, D);
  if (discrepancy === undefined) throw new Error('nothing differs');
  const news = [
    { type: 'reconciliation.completed', reconciliation: dayAnswer(await dayOf(books, D)) },
    { type: 'discrepancy.opened', discrepancy: discrepancyAnswer(discrepancy) },
  ] as const;
  expect(news.map(({ type }) => type)).toEqual(DAY_EVENT_TYPES);
  for (const it of news) expect(objections(dayEventBody(it, NOW), it.type), it.type).toEqual([]);
});
