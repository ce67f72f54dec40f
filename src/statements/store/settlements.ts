import { and, eq, gte, lte, sql, type SQL } from 'drizzle-orm';
import type { Mchid } from '../../base/ids.js';
import type { Db, Tx } from '../../db/connection.js';
import { bills } from '../../db/schema.js';
import type { TradeSummary } from '../../reconciliation/rules/bill-line.js';
import { fenOfMillifen } from '../../reconciliation/rules/fee.js';
import { dayRefOf } from '../../reconciliation/store/bill.js';
import type { Period } from '../rules/period.js';
import type { Settlement } from '../rules/statement.js';

/** Of those days whose trade bill is there and counts. On a day of which WeChat Pay has none nothing moved. */
export async function settlements(
  db: Db | Tx,
  { mchid, from, to }: Period & { readonly mchid: Mchid },
): Promise<Settlement[]> {
  const { date, state, kind } = bills;
  const rows = await db
    .select({
      ...{ mchid: bills.mchid, date, state },
      ...{ settledFen: said('settledFen'), refundedFen: said('refundSettledFen'), feeMillifen: said('feeMillifen') },
    })
    .from(bills)
    .where(and(eq(bills.mchid, mchid), gte(date, from), lte(date, to), eq(kind, 'trade')));
  return rows.flatMap((row) => {
    const { date } = dayRefOf(row);
    if (row.state === 'none') return [{ date, feesFen: 0, settledFen: 0 }];
    if (row.state !== 'imported' || row.feeMillifen === null) return [];
    const feesFen = fenOfMillifen(row.feeMillifen);
    const { settledFen, refundedFen } = row;
    const isSaid = settledFen !== null && refundedFen !== null;
    return [{ date, feesFen, settledFen: isSaid ? settledFen - refundedFen - feesFen : null }];
  });
}

const said = (figure: keyof TradeSummary): SQL<number | null> =>
  sql<number | null>`(${bills.summary} ->> ${sql.raw(`'${figure}'`)})::bigint`.mapWith(Number);
