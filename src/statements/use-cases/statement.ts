import type { Db } from '../../db/connection.js';
import { spanOf } from '../rules/period.js';
import { statementOf, type Statement } from '../rules/statement.js';
import { settlements } from '../store/settlements.js';
import { takings } from '../store/takings.js';

export type StatementRequest = Pick<Statement, 'mchid' | 'from' | 'to' | 'groupBy'>;

/** What a merchant took, from our own books, as they stand now, with what the bills say that it cost. */
export async function statement({ db }: { readonly db: Db }, request: StatementRequest): Promise<Statement> {
  const { mchid, groupBy } = request;
  const by = groupBy === 'month' ? 'day' : groupBy;
  const movements = await takings(db, { mchid, ...spanOf(request) }, by);
  return statementOf(request, movements, await settlements(db, request));
}
