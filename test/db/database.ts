import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { connect, type Connection, type Db } from '../../src/db/connection.js';
import { insertOrder, type NewOrder } from '../../src/orders/store/order.js';
import type { OrderRecord } from '../../src/orders/rules/record.js';
import { testDatabase } from '../support/services.js';
import { newOrder } from './fixtures.js';

export type FileDatabase = {
  readonly connection: Connection;
  readonly db: Db;
  readonly url: string;
  /** An order that was just placed. */
  place(change?: Partial<NewOrder>): Promise<OrderRecord>;
};

/** One migrated database for the tests of a file, with a pool large enough to race in. */
export const fileDatabase = (): FileDatabase => migratedDatabase(beforeAll, afterAll);

/** As {@link fileDatabase}, but one for each test: for what sees every row there is. */
export const databaseOfEach = (): FileDatabase => migratedDatabase(beforeEach, afterEach);

type Hook = (run: () => Promise<void>) => void;

function migratedDatabase(before: Hook, after: Hook): FileDatabase {
  let opened: { url: string; connection: Connection; drop(): Promise<void> } | undefined;
  const current = () => {
    if (opened === undefined) throw new Error('The database is there only while tests run');
    return opened;
  };
  before(async () => {
    const database = await testDatabase();
    opened = { ...database, connection: connect(database.url, { max: 20 }) };
  });
  after(async () => {
    await current().connection.close();
    await current().drop();
  });
  return {
    get connection() {
      return current().connection;
    },
    get db() {
      return current().connection.db;
    },
    get url() {
      return current().url;
    },
    async place(change) {
      const { record } = await insertOrder(current().connection.db, newOrder(change));
      return record;
    },
  };
}
