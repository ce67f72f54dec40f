import { beforeEach, expect, it } from 'vitest';
import { openDay } from '../../../src/reconciliation/store/day.js';
import { endRun } from '../../../src/reconciliation/store/end.js';
import { recordDelivery } from '../../../src/shop-events/store/delivery.js';
import { json, MCHID, useTestApp } from '../../http/support/test-app.js';
import { signedIn, type Operator } from '../../ops/support/operator.js';
import { daysAfter } from '../../../src/reconciliation/rules/day.js';
import { booked, D, discrepanciesOf, lineOf, NOW, on, reconcile, refund, refundLine } from '../books.js';
import { databaseOf } from './seed.js';

const test = useTestApp();
const PAGE = `/ops/reconciliation/days/${MCHID}/${D}`;
const day = { mchid: MCHID, date: D };

let operator: Operator;
beforeEach(async () => {
  test.clock.now = NOW;
  operator = await signedIn(test, (await test.operatorKey()).key);
  await openDay(test.connection.db, { ...day, askedBy: null, now: NOW });
});

const read = async (path: string) => (await operator.get(path)).text();

async function told(): Promise<string> {
  await test.connection.sql`update reconciliations set state = 'empty'`;
  const [id] = await endRun(test.connection.db, day, NOW);
  if (id === undefined) throw new Error('nothing is told');
  const tried = { eventId: id, at: NOW, status: 503, outcome: 'refused', durationMs: 7 };
  await recordDelivery(test.connection.db, { ...tried, then: { kind: 'exhausted' } });
  return id;
}

it('the page of a day says what the shop was told, once there is anything', async () => {
  expect(await read(`${PAGE}?lang=en`)).not.toContain('id="events"');

  const id = await told();

  const english = await read(`${PAGE}?lang=en`);
  const [card = ''] = /<section class="card" id="events">[^]*?<\/section>/.exec(english) ?? [];
  expect(card).toContain('Day reconciled');
  expect(card).toContain('Failed for good');
  expect(card).toContain('<b>503</b>');
  expect(card).toContain(`href="/ops/events/${MCHID}/${id}/resend"`);
  expect(await read(`${PAGE}?lang=zh`)).toContain('对账完成');
});

it('says of each thing that it told the shop which order and refund it is about', async () => {
  const { db } = test.connection;
  const database = databaseOf(test);
  const date = daysAfter(D, 1);
  const paid = await booked(database, { at: on(date) });
  const back = refund(paid);
  await reconcile(database, date, { trade: [lineOf(paid), refundLine(back)] });
  await endRun(db, { mchid: MCHID, date }, NOW);
  const html = await read(`/ops/reconciliation/days/${MCHID}/${date}?lang=en`);
  const [card = ''] = /<section class="card" id="events">[^]*?<\/section>/.exec(html) ?? [];
  const [row] = await discrepanciesOf(database, date);
  expect(card).toContain(`href="/ops/reconciliation/discrepancies/${MCHID}/${String(row?.id)}"`);
  expect(card).toContain('Refunded at WeChat Pay, not here');
  expect(card).toContain(`href="/ops/orders/${MCHID}/${paid.outTradeNo}"`);
  expect(card).toContain(back.outRefundNo);

  const key = test.merchantKey;
  const answer = await test.send('GET', `/v1/reconciliations/${date}/events`, { key });
  expect(await json(answer)).toMatchObject({
    items: [
      {
        type: 'discrepancy.opened',
        discrepancy: { id: row?.id, class: 'refund_not_here', refundNo: back.outRefundNo },
      },
      { type: 'reconciliation.completed', discrepancy: null },
    ],
  });
});

it('offers to send nothing again where the shop has no endpoint', async () => {
  await told();
  test.withoutEndpoint(MCHID);
  const html = await read(`${PAGE}?lang=en`);
  expect(html).toContain('id="events"');
  expect(html).not.toContain('/resend"');
});

it('an operator sends it again, and is back at the day', async () => {
  const id = await told();
  const path = `/ops/events/${MCHID}/${id}/resend`;
  expect(await read(`${path}?lang=en`)).toContain(`href="${PAGE}"`);

  const answer = await operator.post(path, { reason: 'the ledger was down', confirm: 'yes' });

  expect(answer.status).toBe(303);
  expect(answer.headers.get('location')).toBe(`${PAGE}?done=resend`);
  expect(await test.connection.sql`select status, resend_reason from merchant_events where id = ${id}`).toEqual([
    { status: 'pending', resend_reason: 'the ledger was down' },
  ]);
});
