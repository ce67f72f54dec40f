import { MockActivityEnvironment } from '@temporalio/testing';
import { expect, test } from 'vitest';
import { createReconciliationActivities, type ReconciliationDeps } from '../../activities/reconciliation.js';
import { orderNoOf } from '../../src/db/stored-values.js';
import type { Evidence } from '../../src/orders/rules/evidence.js';
import { listEvidence } from '../../src/orders/store/evidence.js';
import { fileDatabase } from '../db/database.js';
import { MCHID } from '../db/fixtures.js';
import { book, D, lineOf, NOW, payment, reconcile } from '../reconciliation/books.js';

const database = fileDatabase();

const never = () => Promise.reject(new Error('not asked for'));

test('what a bill says of money is kept as evidence before its order hears it, once, however often it is told', async () => {
  const unpaid = await book(database, payment(), false);
  await reconcile(database, D, { trade: [lineOf(unpaid)] });
  const order = { mchid: MCHID, orderNo: orderNoOf(unpaid.outTradeNo) };
  const kept = () => listEvidence(database.db, order);
  const told: { evidence: Evidence; kept: number }[] = [];
  const deps: ReconciliationDeps = {
    db: database.db,
    gateways: { for: () => undefined },
    orders: {
      deliverEvidence: async ({ evidence }) => {
        told.push({ evidence, kept: (await kept()).length });
        return 'signalled';
      },
      recheck: never,
    },
    refunds: { findExternal: never, recheck: never },
    events: { start: never },
    merchants: { of: () => undefined },
    now: () => NOW,
  };
  const { repairDay } = createReconciliationActivities(deps);
  const repaired = () => new MockActivityEnvironment().run(() => repairDay({ ...order, date: D, lookAgainMs: 1_000 }));
  await repaired();
  await repaired();

  const { outTradeNo, transactionId } = unpaid;
  expect(await kept()).toMatchObject([{ source: 'bill', outTradeNo, transactionId, amountFen: unpaid.fen, at: NOW }]);
  const said = { evidence: { source: 'bill', outTradeNo, transactionId, totalFen: unpaid.fen }, kept: 1 };
  expect(told).toMatchObject([said, said]);
});
