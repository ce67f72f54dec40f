import type { Db } from '../../db/connection.js';
import { spanOf } from '../rules/period.js';
import { statementOf, type Statement } from '../rules/statement.js';
import { takings } from '../store/takings.js';

export type StatementRequest = Pick<Statement, 'mchid' | 'from' | 'to' | 'groupBy'>;

/** What a merchant took, from our own books, as they stand now. */
export async function statement({ db }: { readonly db: Db }, request: StatementRequest): Promise<Statement> {
  const { mchid, groupBy } = request;
  const by = groupBy === 'month' ? 'day' : groupBy;
  return statementOf(request, await takings(db, { mchid, ...spanOf(request) }, by));
}
