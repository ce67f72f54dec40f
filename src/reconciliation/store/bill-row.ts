import { copyRow } from '../../db/copy.js';
import type { BillKind, FundLine, LineKind, TradeLine } from '../rules/bill-line.js';
import { ratePpm } from '../rules/fee.js';
import type { DayRef } from './bill.js';

/** The columns that a bill of each kind fills, in the order of {@link billRow}; the others stay null. */
export const BILL_COLUMNS: Readonly<Record<BillKind, string>> = {
  trade: `bill_lines (mchid, date, kind, line_no, type, at, number, appid, out_trade_no, transaction_id, trade_type,
    out_refund_no, refund_type, refund_status, amount_fen, settled_fen, coupon_fen, fee_millifen, rate_ppm)`,
  fundflow: `bill_lines (mchid, date, kind, line_no, type, at, number, flow_no, fund_name, fund_type, voucher_no,
    amount_fen, account_balance)`,
};

/** A line as COPY takes it. What the bill says of the payer and of what was sold is in no column. */
export const billRow = (bill: DayRef & { readonly kind: LineKind }, line: TradeLine | FundLine): string =>
  copyRow([bill.mchid, bill.date, bill.kind, ...('kind' in line ? tradeColumns(line) : fundColumns(line))]);

function tradeColumns(line: TradeLine) {
  const { refund } = line;
  const isRefund = line.kind === 'refund' && refund !== null;
  return [
    line.lineNo,
    line.kind,
    line.at,
    refund?.refundId ?? line.transactionId,
    line.appid,
    line.outTradeNo,
    line.transactionId,
    line.tradeType,
    refund?.outRefundNo ?? null,
    refund?.type ?? null,
    refund?.status ?? null,
    isRefund ? refund.askedFen : line.totalFen,
    refund?.settledFen ?? line.settledFen,
    isRefund ? refund.couponFen : line.couponFen,
    line.feeMillifen,
    ratePpm(line.rate),
  ];
}

const fundColumns = (line: FundLine) => [
  line.lineNo,
  line.direction,
  line.at,
  line.businessNo,
  line.flowNo,
  line.name,
  line.type,
  line.voucherNo,
  line.amountFen,
  line.balanceFen,
];
