import { csvYuan, type CsvCell, type CsvColumns } from '../../base/csv.js';
import { beijingTime } from '../../base/time.js';
import { movedFen } from './classes.js';
import type { DiscrepancyAnswer, LineAnswer } from './view.js';

/** Words are whatever they are: the command line shows those of a newer ingress, too. */
type Worded<Answer> = {
  readonly [Field in keyof Answer]: Answer[Field] extends string
    ? string
    : Answer[Field] extends string | null
      ? string | null
      : Answer[Field];
};

export type LineRow = Worded<LineAnswer>;
export type DiscrepancyRow = Worded<DiscrepancyAnswer>;

/** For a spreadsheet: amounts in yuan, what is given back below zero, times of Beijing, numbers as text. */
export const LINE_COLUMNS: CsvColumns<LineRow> = {
  class: (it) => it.class,
  subject: (it) => it.subject,
  lineNo: (it) => it.lineNo,
  beijingTime: (it) => clock(it.at),
  ...numbers<LineRow>(),
  ...amounts<LineRow>(),
  isDiscrepancy: (it) => String(it.isDiscrepancy),
};

/** {@link LINE_COLUMNS}' rules. */
export const DISCREPANCY_COLUMNS: CsvColumns<DiscrepancyRow> = {
  id: (it) => it.id,
  date: (it) => ({ plain: it.date }),
  class: (it) => it.class,
  subject: (it) => it.subject,
  status: (it) => it.status,
  bill: (it) => it.bill,
  lineNo: (it) => it.lineNo,
  ...numbers<DiscrepancyRow>(),
  ...amounts<DiscrepancyRow>(),
  differences: (it) => JSON.stringify(it.differences),
  openedBeijingTime: (it) => clock(it.openedAt),
  closedBeijingTime: (it) => clock(it.closedAt),
  repairedBy: (it) => it.repairedBy,
  closedBy: (it) => it.closedBy,
  reason: (it) => it.reason,
  recheckedBy: (it) => it.recheckedBy,
  recheckReason: (it) => it.recheckReason,
  recheckedBeijingTime: (it) => clock(it.recheckedAt),
};

type Numbers = Pick<LineRow, 'orderNo' | 'outTradeNo' | 'transactionId' | 'refundNo' | 'refundId'>;

function numbers<Row extends Numbers>(): CsvColumns<Row> {
  return {
    orderNo: (it) => it.orderNo,
    outTradeNo: (it) => it.outTradeNo,
    transactionId: (it) => it.transactionId,
    refundNo: (it) => it.refundNo,
    refundId: (it) => it.refundId,
  };
}

function amounts<Row extends Pick<LineRow, 'subject' | 'billFen' | 'ownFen'>>(): CsvColumns<Row> {
  const moved = (subject: string, fen: number | null) => csvYuan(fen === null ? null : movedFen(subject, fen));
  return {
    billYuan: (it) => moved(it.subject, it.billFen),
    ownYuan: (it) => moved(it.subject, it.ownFen),
  };
}

const clock = (at: string | null): CsvCell => (at === null ? null : { plain: beijingTime(new Date(at)) });
