import { spacedTime } from '../store/clock.js';
import { entriesOf, inOrder, type Books, type Entry } from './books.js';
import type { Day } from './day.js';
import { count, sumOf, type Bill, type Cells, type Line } from './file.js';
import { ofFen, yuan } from './money.js';

/** 资金账单 of the basic account: every movement is booked as it happens, the balance begins with nothing. */
export function fundBill(books: Books, mchid: string, day: Day): Bill {
  let balanceFen = 0n;
  const entries: Entry[] = [];
  for (const entry of entriesOf(books, mchid)) {
    if (entry.at < day.from) balanceFen = movementsOf(entry).reduce(moved, balanceFen);
    else if (entry.at < day.to) entries.push(entry);
  }
  const lines = inOrder(entries)
    .flatMap((entry) => movementsOf(entry).map((movement) => ({ entry, movement })))
    .map(({ entry, movement }, index): Line => {
      balanceFen = moved(balanceFen, movement);
      const booked = { movement, balanceFen, flowNo: flowNoOf(mchid, day, index + 1) };
      return { outTradeNo: entry.trade.outTradeNo, cells: () => cellsOf(entry, booked) };
    });
  return { columns: fundColumns, lines, totals };
}

export const fundColumns = [
  ...['记账时间', '微信支付业务单号', '资金流水单号', '业务名称', '业务类型', '收支类型', '收支金额(元)'],
  ...['账户结余(元)', '资金变更提交申请人', '备注', '业务凭证号'],
];

const directed = (direction: Direction) => (cells: Cells) => cells['收支类型'] === direction;

const totals = [
  count('资金流水总笔数'),
  count('收入笔数', directed('收入')),
  sumOf('收入金额', '收支金额(元)', 2, directed('收入')),
  count('支出笔数', directed('支出')),
  sumOf('支出金额', '收支金额(元)', 2, directed('支出')),
];

type Direction = '收入' | '支出';

interface Movement {
  type: '交易' | '扣除交易手续费' | '退款' | '退还交易手续费' | '退款关闭';
  direction: Direction;
  amountFen: bigint;
}

/** A fee of nothing is no movement. What becomes of the fee of a closed refund is nowhere documented: it stays given back. */
function movementsOf(entry: Entry): Movement[] {
  return bookings(entry).filter(({ amountFen }) => amountFen > 0n);
}

function bookings(entry: Entry): Movement[] {
  const { kind, payment, feeFen } = entry;
  if (kind === 'payment') {
    return [
      { type: '交易', direction: '收入', amountFen: BigInt(payment.totalFen) },
      { type: '扣除交易手续费', direction: '支出', amountFen: feeFen },
    ];
  }
  const amountFen = BigInt(kind === 'reversal' ? payment.totalFen : entry.refund.refundFen);
  if (kind === 'closedRefund') return [{ type: '退款关闭', direction: '收入', amountFen }];
  return [
    { type: '退款', direction: '支出', amountFen },
    { type: '退还交易手续费', direction: '收入', amountFen: feeFen },
  ];
}

const moved = (balanceFen: bigint, { direction, amountFen }: Movement): bigint =>
  direction === '收入' ? balanceFen + amountFen : balanceFen - amountFen;

interface Booked {
  movement: Movement;
  balanceFen: bigint;
  flowNo: string;
}

const flowNoOf = (mchid: string, { date }: Day, number: number): string =>
  `${mchid}${date.replaceAll('-', '')}${String(number).padStart(10, '0')}`;

function cellsOf(entry: Entry, { movement, balanceFen, flowNo }: Booked): Cells {
  const { trade, feeFen } = entry;
  const about = aboutOf(entry);
  return {
    记账时间: spacedTime(entry.at),
    微信支付业务单号: about.businessNo,
    资金流水单号: flowNo,
    业务名称: about.name,
    业务类型: movement.type,
    收支类型: movement.direction,
    '收支金额(元)': yuan(ofFen(movement.amountFen)),
    '账户结余(元)': yuan(ofFen(balanceFen)),
    资金变更提交申请人: `${trade.mchid}API`,
    备注: `${about.memo}${yuan(ofFen(about.memoFen))}元;含手续费${yuan(ofFen(feeFen))}元`,
    业务凭证号: about.voucherNo,
  };
}

function aboutOf(entry: Entry) {
  const { trade, payment } = entry;
  const { outTradeNo: voucherNo } = trade;
  const returned = { name: '退款', memo: '退款总金额' };
  switch (entry.kind) {
    case 'payment':
      return {
        businessNo: payment.transactionId,
        name: '交易',
        voucherNo,
        memo: '结算总金额',
        memoFen: payment.totalFen,
      };
    case 'reversal':
      return { ...returned, businessNo: entry.refundId, voucherNo, memoFen: payment.totalFen };
    case 'refund':
    case 'closedRefund': {
      const { refundId, outRefundNo, refundFen } = entry.refund;
      return { ...returned, businessNo: refundId, voucherNo: outRefundNo, memoFen: refundFen };
    }
  }
}
