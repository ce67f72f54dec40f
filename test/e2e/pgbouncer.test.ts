import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { connect } from '../../src/db/connection.js';
import { migrate, sessionLimits } from '../../src/db/migrate.js';
import { readEvents } from '../http/support/event-reader.js';
import { newOrderNo, startTestStack, type TestStack } from '../support/dev-stack.js';
import { hasPgBouncer, startPgBouncer } from '../support/pgbouncer.js';
import { emptyDatabase, type TestDatabase } from '../support/services.js';

describe.runIf(hasPgBouncer())('behind PgBouncer in session mode', () => {
  let database: TestDatabase;
  let bouncer: Awaited<ReturnType<typeof startPgBouncer>>;
  beforeAll(async () => {
    database = await emptyDatabase();
    bouncer = await startPgBouncer(database.url);
    await migrate(bouncer.url);
  });
  afterAll(async () => {
    await bouncer.stop();
    await database.drop();
  });

  test('a session has its limits, also the one that the pooler had before the migration', async () => {
    const { db, close } = connect(bouncer.url, { max: 3 });
    onTestFinished(close);

    const sessions = await Promise.all([1, 2, 3].map(() => sessionLimits(db)));

    const limits = { statement_timeout: '5s', idle_in_transaction_session_timeout: '15s' };
    expect(sessions).toEqual([limits, limits, limits]);
  });

  describe('a whole stack', () => {
    let stack: TestStack;
    beforeAll(async () => {
      stack = await startTestStack({ environment: { DATABASE_URL: bouncer.url } });
    });
    afterAll(() => stack.stop());

    test('places an order, hears of its payment, and follows it', async () => {
      const orderNo = newOrderNo();
      const order = { orderNo, amountFen: 800, description: 'A bowl of rice', product: 'native' };
      await stack.place(order);
      const headers = { authorization: `Bearer ${stack.dev.apiKey}` };
      const stream = readEvents((await fetch(`${stack.dev.apiUrl}/v1/orders/${orderNo}/stream`, { headers })).body);
      onTestFinished(() => stream.cancel());
      expect((await stream.nextEvent())?.data).toContain('"state":"awaitingPayment"');

      await stack.control('POST', '/pay', { outTradeNo: orderNo });

      expect((await stream.nextEvent())?.data).toContain('"state":"paid"');
      expect(stack.dev.databaseUrl).toBe(bouncer.url);
    });
  });
});
