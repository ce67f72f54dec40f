import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { beijingTime, DAY } from '../../src/base/time.js';
import { startOf, type BillDate } from '../../src/reconciliation/rules/day.js';
import { APPID, plantOf, REFUND_FEN, REFUNDED, type GeneratedDay } from './day.js';

/** Writes the bill as WeChat Pay would, a line at a time; answers the file's SHA-1. */
export async function writeBill(day: GeneratedDay, file: string): Promise<string> {
  const hash = createHash('sha1');
  const chunks = function* () {
    for (const chunk of chunksOf(day)) {
      hash.update(chunk);
      yield chunk;
    }
  };
  await pipeline(Readable.from(chunks()), createWriteStream(file));
  return hash.digest('hex');
}

const COLUMNS =
  '交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,' +
  '微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注';
const TOTALS = '总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额';
const CHUNK_LINES = 200;

function* chunksOf(day: GeneratedDay): Generator<string> {
  yield `\uFEFF${COLUMNS}\r\n`;
  const sums = { paidFen: 0, refundedFen: 0, feeFen: 0 };
  for (let n = 1; n <= day.lines;) {
    let chunk = '';
    for (const end = Math.min(day.lines, n + CHUNK_LINES - 1); n <= end; n += 1) chunk += printed(lineOf(day, n, sums));
    yield chunk;
  }
  const { paidFen, refundedFen, feeFen } = sums;
  yield `${TOTALS}\r\n`;
  yield printed([
    String(day.lines),
    yuan(paidFen),
    yuan(refundedFen),
    '0.00',
    fee(feeFen),
    yuan(paidFen),
    yuan(refundedFen),
  ]);
}

const printed = (values: readonly string[]): string => `\`${values.join(',`')}\r\n`;
const yuan = (fen: number): string => `${Math.floor(fen / 100)}.${String(fen % 100).padStart(2, '0')}`;
const fee = (fen: number): string => `${yuan(fen)}000`;

type Sums = { paidFen: number; refundedFen: number; feeFen: number };

function lineOf({ mchid, date, lines }: GeneratedDay, n: number, sums: Sums): string[] {
  const isRefund = n % REFUNDED === 0;
  const plant = plantOf(n);
  const no = numberOf(date, isRefund ? n - 1 : n);
  const outTradeNo = plant === 'foreign' ? `pos-${no}` : no;
  const at = new Date(startOf(date).getTime() + Math.floor((n * (DAY - 1)) / (lines + 1)));
  const fen = isRefund ? 0 : fenOf(n) + (plant === 'amount' ? 1 : 0);
  const refundFen = isRefund ? REFUND_FEN : 0;
  const feeFen = Math.round(fen * 0.006) + (plant === 'fee' ? 2 : 0);
  sums.paidFen += fen;
  sums.refundedFen += refundFen;
  sums.feeFen += feeFen;
  const refund = isRefund
    ? [`50300${no}`, `${no}-r`, yuan(refundFen), '0.00', 'ORIGINAL', 'SUCCESS']
    : ['0', '0', '0.00', '0.00', '', ''];
  return [
    ...[
      beijingTime(at),
      APPID,
      mchid,
      '0',
      '',
      `42000${no}`,
      outTradeNo,
      `oUpF8uMuAJO_M2pxb${String(n).padStart(11, '0')}`,
    ],
    ...['NATIVE', isRefund ? 'REFUND' : 'SUCCESS', 'CMB_DEBIT', 'CNY', yuan(fen), '0.00', ...refund],
    ...['明前龙井\\ 礼盒装 250 克', 'shop=17&table=4', fee(feeFen), '0.60%', yuan(fen), yuan(refundFen), ''],
  ];
}

const fenOf = (n: number): number => REFUND_FEN + ((n * 7_919) % 49_901);

const numberOf = (date: BillDate, n: number): string => `${date.replaceAll('-', '')}${String(n).padStart(10, '0')}`;
