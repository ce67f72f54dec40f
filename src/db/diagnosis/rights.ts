import { getTableName, sql } from 'drizzle-orm';
import type { Db } from '../connection.js';
import { guarded } from '../failure.js';
import {
  apiKeys,
  attempts,
  bulkOrders,
  bulks,
  deliveries,
  evidence,
  gatewayCalls,
  merchantEvents,
  notifyInbox,
  operatorActions,
  orders,
  refunds,
} from '../schema.js';

/** What ingress and worker write at run time; the rest they only add to. */
const CHANGED = [
  orders,
  attempts,
  refunds,
  merchantEvents,
  notifyInbox,
  operatorActions,
  bulks,
  bulkOrders,
  apiKeys,
].map(getTableName);

const ADDED = [evidence, deliveries, gatewayCalls].map(getTableName);

/** Tables that this role cannot find, read, add to or change as PaySaga has to. */
export async function tablesWithoutRights(db: Db): Promise<readonly string[]> {
  const [changed, added] = [await lacking(db, CHANGED, true), await lacking(db, ADDED, false)];
  return [...changed, ...added];
}

async function lacking(db: Db, tables: readonly string[], isChanged: boolean): Promise<readonly string[]> {
  const names = sql.join(
    tables.map((table) => sql`${table}::text`),
    sql`, `,
  );
  const rows = await guarded(() =>
    db.execute<{ name: string }>(sql`
      select name from unnest(array[${names}]) as name
       where to_regclass(name) is null
          or not has_table_privilege(to_regclass(name), 'select')
          or not has_table_privilege(to_regclass(name), 'insert')
          or (${isChanged} and not has_table_privilege(to_regclass(name), 'update'))
       order by name`),
  );
  return rows.map(({ name }) => name);
}
