import { randomBytes } from 'node:crypto';
import { MockActivityEnvironment } from '@temporalio/testing';
import { beforeEach, describe, expect, test } from 'vitest';
import { createReconciliationActivities, type ReconciliationDeps } from '../../activities/reconciliation.js';
import { createEventActivities } from '../../activities/shop-events.js';
import { NO_FOREIGN } from '../../src/reconciliation/rules/foreign.js';
import { openDay } from '../../src/reconciliation/store/day.js';
import { matchDay } from '../../src/reconciliation/store/match.js';
import { findUndeliveredEvents, resendEvent } from '../../src/shop-events/store/delivery.js';
import { listDayEvents } from '../../src/shop-events/store/outbox.js';
import { createShopWebhooks } from '../../src/webhooks/webhooks.js';
import { databaseOfEach } from '../db/database.js';
import { MCHID } from '../db/fixtures.js';
import { D, imported, lineOf, NOW, payment } from '../reconciliation/books.js';
import { useShopEndpoint } from '../support/shop-endpoint.js';

const database = databaseOfEach();
const shop = useShopEndpoint();
const secret = `whsec_${randomBytes(24).toString('base64')}`;
const ref = { mchid: MCHID, date: D };

let started: string[] = [];
let now = NOW;
beforeEach(() => {
  started = [];
  now = NOW;
  shop.answer(204);
  shop.expectSecret(() => secret);
});

const unused = () => Promise.reject(new Error('not asked here'));
const run = async (act: () => Promise<unknown>): Promise<void> => {
  await new MockActivityEnvironment().run(act);
};

function endDay(change: Partial<ReconciliationDeps> = {}): Promise<void> {
  const deps: ReconciliationDeps = {
    ...{ db: database.db, gateways: { for: () => undefined }, merchants: { of: () => undefined }, now: () => now },
    orders: { deliverEvidence: unused, recheck: unused },
    refunds: { findExternal: unused, recheck: unused },
    events: { start: (id) => Promise.resolve(void started.push(id)) },
    ...change,
  };
  return run(() => createReconciliationActivities(deps).endDay(ref));
}

function deliver(eventId: string, hasEndpoint = true): Promise<void> {
  const endpoint = { url: shop.url, secrets: [secret], allowedPrivateRanges: ['127.0.0.0/8'] };
  const webhooks = createShopWebhooks(() => (hasEndpoint ? endpoint : null));
  const orders = { shopHeard: unused };
  const activities = createEventActivities({ db: database.db, webhooks, orders, now: () => now, random: () => 0.5 });
  return run(() => activities.deliverEvent({ eventId }));
}

const standing = async () => (await listDayEvents(database.db, ref, 9)).toReversed();

/** Matched, with one line that nobody here knows. */
async function matched(): Promise<void> {
  await openDay(database.db, { ...ref, askedBy: null, now: NOW });
  await imported(database, D, { trade: [lineOf(payment())] });
  await matchDay(database.db, { ...ref, foreign: NO_FOREIGN, now: NOW });
}

describe('the end of a day', () => {
  test('starts to tell at once, and the shop verifies what it hears', async () => {
    await matched();

    await endDay();
    // Standard Webhooks refuses what was signed at another time than now.
    now = new Date();
    for (const id of started) await deliver(id);

    const heard = shop.dayEvents.slice(-2);
    expect(heard).toMatchObject([
      { id: started[0], type: 'reconciliation.completed', mchid: MCHID, verified: true },
      { id: started[1], type: 'discrepancy.opened', mchid: MCHID, verified: true },
    ]);
    expect(await standing()).toMatchObject([
      { id: started[0], status: 'delivered', deliveries: [{ status: 204, outcome: 'delivered' }] },
      { id: started[1], status: 'delivered' },
    ]);
  });

  test('that is not told to Temporal leaves it to the sweeper, and twice says nothing new', async () => {
    await matched();
    const away = { start: () => Promise.reject(new Error('away')) };

    await expect(endDay({ events: away })).rejects.toThrow('away');
    await endDay();

    expect(started).toEqual([]);
    const due = await findUndeliveredEvents(database.db, new Date(NOW.getTime() + 60_000), 10);
    expect(due.map(({ id, orderNo }) => [id, orderNo]).toSorted()).toEqual(
      (await standing()).map(({ id }) => [id, null]).toSorted(),
    );
  });
});

describe('an event of a day', () => {
  async function told(): Promise<string> {
    await matched();
    await endDay();
    return started[0] ?? '';
  }

  test('that the shop does not take is tried again by the schedule, and after the last try no more', async () => {
    const id = await told();
    shop.answer(503);
    const tries = async () => (await standing()).find((it) => it.id === id);

    for (let n = 1; n < 10; n += 1) {
      await expect(deliver(id)).rejects.toMatchObject({ type: 'shop_not_told' });
      const event = await tries();
      expect(event).toMatchObject({ status: 'pending', tries: n });
      now = event?.nextAt ?? now;
    }
    await deliver(id);

    expect(await tries()).toMatchObject({ status: 'exhausted', tries: 10, nextAt: null });
  });

  test('goes nowhere where the shop has no endpoint, and is sent later all the same', async () => {
    const id = await told();

    await deliver(id, false);
    expect((await standing())[0]).toMatchObject({ id, status: 'unaddressed', deliveries: [] });

    const asker = { actor: 'Li Lei', reason: 'it listens now' };
    expect(await resendEvent(database.db, { mchid: MCHID, id, asker }, NOW)).toBe('resent');
    await deliver(id);
    expect((await standing())[0]).toMatchObject({ id, status: 'delivered' });
    expect(
      await database.connection.sql`select resent_by, resend_reason, resent_at from merchant_events where id = ${id}`,
    ).toEqual([{ resent_by: 'Li Lei', resend_reason: 'it listens now', resent_at: '2026-06-01 04:00:00+00' }]);
  });

  test('says the same on every delivery', async () => {
    const id = await told();
    await deliver(id);
    now = new Date(NOW.getTime() + 60_000);
    await openDay(database.db, { ...ref, askedBy: 'Li Lei', now });
    await resendEvent(database.db, { mchid: MCHID, id }, now);
    await deliver(id);

    const [first, second] = shop.dayEvents.filter((event) => event.id === id);
    expect(second?.raw).toBe(first?.raw);
    expect(first?.raw).toContain('"run":1');
  });
});
