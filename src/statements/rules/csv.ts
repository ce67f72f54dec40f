import { csvOf, csvYuan, type CsvColumns } from '../../base/csv.js';
import type { Grouping, Statement } from './statement.js';

type Shown = Pick<Statement, 'groupBy' | 'items'>;

/** A line a group, amounts in yuan. Without the totals, which a spreadsheet would sum again. */
export const statementCsv = ({ groupBy, items }: Shown): string => csvOf(items, columnsOf(groupBy));

const columnsOf = (groupBy: Grouping): CsvColumns<Shown['items'][number]> => ({
  [groupBy]: ({ group }) => (groupBy === 'appid' ? group : { plain: group }),
  paidCount: (it) => it.paidCount,
  paidYuan: (it) => csvYuan(it.paidFen),
  refundedCount: (it) => it.refundedCount,
  refundedYuan: (it) => csvYuan(it.refundedFen),
  returnedCount: (it) => it.returnedCount,
  returnedYuan: (it) => csvYuan(it.returnedFen),
  netYuan: (it) => csvYuan(it.netFen),
  feesYuan: (it) => csvYuan(it.feesFen),
  settledYuan: (it) => csvYuan(it.settledFen),
});
