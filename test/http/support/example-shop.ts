import { receiveNotify } from '../../../src/inbox/store/receive.js';
import { parseBillDate } from '../../../src/reconciliation/rules/day.js';
import { openDay } from '../../../src/reconciliation/store/day.js';
import type { RefundFact } from '../../../src/orders/rules/gateway-answer.js';
import { projectOrder } from '../../../src/orders/store/projection.js';
import { fen, LATER, paid } from '../../db/fixtures.js';
import { booked, lineOf, on, payment, reconcile } from '../../reconciliation/books.js';
import { moveRefund } from '../../refunds/api/refund-steps.js';
import { fakeGateway } from './fake-gateway.js';
import { json, MCHID, type TestApp } from './test-app.js';

/** The numbers of the document's examples. */
export const ORDER = 'A-1001';
const REFUND = 'R-1001';
const DAY = '2026-03-01';

/** Makes what an operation's examples are about; answers the id that stands in place of the path's. */
type Given = (app: TestApp) => Promise<unknown>;

/** What has to be there before an operation's examples are sent; of the others, an order that awaits its payment. */
export const GIVEN: Readonly<Record<string, Given>> = {
  createOrder: (app) => {
    const merchant = app.merchants.get(MCHID);
    if (merchant === undefined) throw new Error('no merchant');
    app.merchants.set(MCHID, { ...merchant, appids: { ...merchant.appids, codeScan: ['wxtill'] } });
    return Promise.resolve();
  },
  reportFulfilment: async (app) => {
    await app.placeOrder({ policy: { fulfilment: { required: true, deadlineSeconds: 600 } } });
    const payment = { ...paid(await app.load(ORDER)), fulfilment: 'pending' } as const;
    await projectOrder(app.connection.db, payment, app.clock.now);
  },
  createRefund: (app) => app.placePaidOrder(),
  listRefunds: refunded,
  getRefund: refunded,
  rescueRefund: refunded,
  resolveRefund: async (app) => {
    await refunded(app);
    await moveRefund(app, REFUND, { state: 'abnormal' });
  },
  recordExternalRefund: async (app) => {
    await app.placePaidOrder();
    const refund: RefundFact = {
      ...{ refundId: '50300', outRefundNo: 'mp-20260301-1', outTradeNo: ORDER, transactionId: `wx-${ORDER}` },
      ...{ refundFen: fen(500), totalFen: fen(1200), successAtMs: LATER.getTime() },
      status: 'succeeded',
    };
    const details = { channel: 'ORIGINAL', receivedAccount: null, acceptedAtMs: LATER.getTime() };
    const queryRefund = () => Promise.resolve({ kind: 'found' as const, refund, details });
    app.gateways.set(MCHID, { ...fakeGateway(MCHID), queryRefund });
  },
  resendEvent: async (app) => {
    await app.placePaidOrder();
    const { events } = await json<{ events: { id: string }[] }>(await app.send('GET', `/v1/orders/${ORDER}`));
    return events[0]?.id;
  },
  listApprovals: waiting,
  getApproval: waiting,
  decideApproval: waiting,
  listEvents: refunded,
  sendTestEvent: (app) => {
    app.testTold.set(MCHID, { id: '01980c2a-7f53-7cc1-9d6e-3a6f0f3f9b11', status: 204, ms: 12, outcome: 'delivered' });
    return Promise.resolve();
  },
  getOrder: refunded,
  getTimeline: refunded,
  listInbox: notified,
  redriveInbox: notified,
  listBulks: bulk,
  getBulk: bulk,
  runReconciliation: async (app) => {
    app.clock.now = new Date('2026-03-02T12:00:00+08:00');
    await app.placeOrder();
  },
  listReconciliations: async (app) => {
    await differing(app);
    app.clock.now = new Date('2026-03-02T12:00:00+08:00');
  },
  getReconciliation: differing,
  listReconciliationLines: differing,
  listReconciliationEvents: differing,
  listDiscrepancies: differing,
  getDiscrepancy: differing,
  resolveDiscrepancy: differing,
};

async function refunded(app: TestApp): Promise<void> {
  await app.placePaidOrder();
  const body = { refundNo: REFUND, amountFen: 200 };
  const answer = await app.send('POST', `/v1/orders/${ORDER}/refunds`, { body });
  if (answer.status !== 201) throw new Error(await answer.text());
}

/** A refund that waits for an approval. */
async function waiting(app: TestApp): Promise<string> {
  app.withApprovalAbove(100);
  await app.placePaidOrder();
  const body = { refundNo: REFUND, amountFen: 200 };
  const answer = await app.send('POST', `/v1/orders/${ORDER}/refunds`, { body });
  return (await json<{ approvalId: string }>(answer)).approvalId;
}

async function notified(app: TestApp): Promise<string> {
  await app.placeOrder();
  const notify = { key: 'n-1', outTradeNo: ORDER };
  const { id } = await receiveNotify(app.connection.db, {
    ...{ mchid: MCHID, protocol: 'v3', kind: 'other', eventType: 'COMPLAINT.CREATE', key: notify.key },
    ...{ outTradeNo: null, serialNo: 'PUB_KEY_ID_1', headers: {}, evidence: { originalType: 'complaint' } },
    rawBody: Buffer.from(JSON.stringify(notify)),
    receivedAt: app.clock.now,
  });
  return id;
}

async function bulk(app: TestApp): Promise<string> {
  await app.placeOrder();
  const { key } = await app.operatorKey();
  const body = { action: 'hold', filter: {}, reason: 'x', dryRun: false };
  return (await json<{ id: string }>(await app.send('POST', '/v1/bulk', { key, body }))).id;
}

/** A day whose run ended with an amount that differs; answers that discrepancy. */
async function differing(app: TestApp): Promise<string> {
  const books = { connection: app.connection, db: app.connection.db };
  const parsed = parseBillDate(DAY);
  if (!parsed.ok) throw new Error('no day');
  const date = parsed.value;
  const own = await booked(books, { at: on(date) });
  await openDay(app.connection.db, { mchid: MCHID, date, askedBy: null, now: app.clock.now });
  await reconcile(books, date, { trade: [lineOf(own, { totalFen: 1 }), lineOf(payment({ at: on(date) }))] });
  const { items } = await json<{ items: { id: string }[] }>(await app.send('GET', '/v1/discrepancies'));
  const [first] = items;
  if (first === undefined) throw new Error('nothing differs');
  return first.id;
}
