import { csvYuan, type CsvCell, type CsvColumns } from '../../base/csv.js';
import { beijingTime } from '../../base/time.js';
import type { BillKind } from '../rules/bill-line.js';
import type { BillLineRecord } from '../store/bill-lines.js';

/** A line number, when, and what is in a bill: amounts in yuan, a fee to its fifth place, times of Beijing, numbers as text. */
export const BILL_COLUMNS: Readonly<Record<BillKind, CsvColumns<BillLineRecord>>> = {
  trade: {
    lineNo: (it) => it.lineNo,
    beijingTime: (it) => ({ plain: beijingTime(it.at) }),
    type: (it) => it.type,
    appid: (it) => it.appid,
    tradeType: (it) => it.tradeType,
    outTradeNo: (it) => it.outTradeNo,
    transactionId: (it) => it.transactionId,
    refundNo: (it) => it.outRefundNo,
    refundId: (it) => (it.type === 'refund' ? it.number : null),
    refundStatus: (it) => it.refundStatus,
    amountYuan: (it) => csvYuan(it.amountFen),
    settledYuan: (it) => csvYuan(it.settledFen),
    couponYuan: (it) => csvYuan(it.couponFen),
    feeYuan: (it) => feeCell(it.feeMillifen),
    class: (it) => it.class ?? 'matched',
    isDiscrepancy: (it) => String(it.isDiscrepant),
  },
  fundflow: {
    lineNo: (it) => it.lineNo,
    beijingTime: (it) => ({ plain: beijingTime(it.at) }),
    direction: (it) => it.type,
    businessNo: (it) => it.number,
    flowNo: (it) => it.flowNo,
    name: (it) => it.fundName,
    type: (it) => it.fundType,
    amountYuan: (it) => csvYuan(it.amountFen),
    balanceYuan: (it) => csvYuan(it.accountBalance),
    voucherNo: (it) => it.voucherNo,
  },
};

const feeCell = (feeMillifen: number | null): CsvCell =>
  feeMillifen === null ? null : { plain: feeYuan(feeMillifen).replace('¥', '') };

/** `600` thousandths of a fen → `¥0.00600`, as a bill prints it. */
export function feeYuan(feeMillifen: number): string {
  const amount = Math.abs(feeMillifen);
  const places = String(amount % 100_000).padStart(5, '0');
  return `${feeMillifen < 0 ? '-' : ''}¥${Math.trunc(amount / 100_000)}.${places}`;
}
