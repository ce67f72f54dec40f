import type { FundLine, FundSummary } from '../../reconciliation/rules/bill-line.js';
import { addFundLine, NO_FUND_LINES, type FundSums } from '../../reconciliation/rules/bill-sums.js';
import { readBill, type BillEnd, type BillFormat, type Table } from './bill.js';
import { fieldsOf } from './fields.js';

/** Reads a fund-flow bill. Throws {@link BillUnreadable}, also after some lines. */
export const readFundBill = (
  bytes: AsyncIterable<Uint8Array>,
): AsyncIterable<FundLine | BillEnd<FundSummary, FundSums>> => readBill(bytes, FORMAT);

/** Columns that a line has a field for. */
const READ = new Set([
  '记账时间',
  '微信支付业务单号',
  '资金流水单号',
  '业务名称',
  '业务类型',
  '收支类型',
  '收支金额(元)',
  '账户结余(元)',
  '业务凭证号',
]);

const DIRECTIONS: ReadonlyMap<string, FundLine['direction']> = new Map([
  ['收入', 'in'],
  ['支出', 'out'],
]);

const LINES: Table<FundLine> = {
  names: READ,
  reader: (header) => {
    const { token, word, text, time, fen, signedFen, oneOf, rest } = fieldsOf(header);
    const at = time('记账时间');
    const [businessNo, flowNo, voucherNo] = [word('微信支付业务单号'), token('资金流水单号'), text('业务凭证号')];
    const [name, type, direction] = [word('业务名称'), word('业务类型'), oneOf(DIRECTIONS)('收支类型')];
    const [amount, balance] = [fen('收支金额(元)'), signedFen('账户结余(元)')];
    const others = rest(READ);
    return (row) => ({
      lineNo: row.lineNo,
      at: at(row),
      businessNo: businessNo(row),
      flowNo: flowNo(row),
      name: name(row),
      type: type(row),
      direction: direction(row),
      amountFen: amount(row),
      balanceFen: balance(row),
      voucherNo: voucherNo(row),
      rest: others(row),
    });
  },
};

const SUMMARIES: Table<FundSummary> = {
  names: new Set(['资金流水总笔数', '收入笔数', '收入金额', '支出笔数', '支出金额']),
  reader: (header) => {
    const { count, fen } = fieldsOf(header);
    const lines = count('资金流水总笔数');
    const [inCount, inSum] = [count('收入笔数'), fen('收入金额')];
    const [outCount, outSum] = [count('支出笔数'), fen('支出金额')];
    return (row) => ({
      count: lines(row),
      inCount: inCount(row),
      inFen: inSum(row),
      outCount: outCount(row),
      outFen: outSum(row),
    });
  },
};

const FORMAT: BillFormat<FundLine, FundSummary, FundSums> = {
  lines: LINES,
  summaries: SUMMARIES,
  noLines: NO_FUND_LINES,
  add: addFundLine,
  joined: (one, other) => ({
    count: one.count + other.count,
    inCount: one.inCount + other.inCount,
    inFen: one.inFen + other.inFen,
    outCount: one.outCount + other.outCount,
    outFen: one.outFen + other.outFen,
  }),
};
