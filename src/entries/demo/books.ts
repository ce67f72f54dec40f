import type { DemoOrder, DemoRefund, SandboxRefund, SandboxTrade, Shop } from './shop.js';

export type GatewayBooks = { readonly trades: readonly SandboxTrade[]; readonly refunds: readonly SandboxRefund[] };

export type OwnBooks = { readonly attempts: DemoOrder['attempts']; readonly refunds: readonly DemoRefund[] };

export type Books = ReturnType<typeof compareBooks>;

/**
 * A line that only one side has counts with all its money, and is named even without any. Refunds that were paid outside
 * WeChat Pay, or refused by it, are left out.
 */
export function compareBooks(theirs: GatewayBooks, ours: OwnBooks) {
  const offline = new Set(ours.refunds.filter((refund) => refund.offline).map((refund) => refund.refundNo));
  const differences = [
    ...differencesOf(theirs.trades.map(tradeLine), ours.attempts.map(attemptLine)),
    ...differencesOf(
      theirs.refunds.filter((refund) => !offline.has(refund.out_refund_no)).map(theirRefundLine),
      ours.refunds.filter((refund) => !refund.offline && refund.state !== 'rejected').map(ourRefundLine),
    ),
  ];
  return {
    differenceFen: differences.reduce((sum, { fen }) => sum + fen, 0),
    differing: [...new Set(differences.map(({ name }) => name))],
  };
}

type Line = {
  readonly key: string;
  readonly name: string;
  readonly fen: number;
  /** Must be the same on both sides even where no money differs. */
  readonly state: string | null;
};

function differencesOf(theirs: readonly Line[], ours: readonly Line[]): { name: string; fen: number }[] {
  const [there, here] = [byKey(theirs), byKey(ours)];
  const lines = new Map([...there, ...here]);
  return [...lines].flatMap(([key, { name }]) => {
    const [their, our] = [there.get(key), here.get(key)];
    const fen = Math.abs((their?.fen ?? 0) - (our?.fen ?? 0));
    const isSame = their !== undefined && our !== undefined && fen === 0 && their.state === our.state;
    return isSame ? [] : [{ name, fen }];
  });
}

const byKey = (lines: readonly Line[]): Map<string, Line> => new Map(lines.map((line) => [line.key, line]));

const paymentLine = (outTradeNo: string, fen: number): Line => ({
  key: outTradeNo,
  name: outTradeNo,
  fen,
  state: null,
});

const tradeLine = ({ out_trade_no, trade_state: state, total }: SandboxTrade): Line =>
  paymentLine(out_trade_no, state === 'SUCCESS' || state === 'REFUND' ? total : 0);

const attemptLine = ({ outTradeNo, paidFen }: DemoOrder['attempts'][number]): Line => paymentLine(outTradeNo, paidFen);

const STATES: Readonly<Record<string, string | undefined>> = {
  PROCESSING: 'processing',
  SUCCESS: 'succeeded',
  CLOSED: 'closed',
  ABNORMAL: 'abnormal',
};

/** The key has the trade too: the same number on another trade is another refund. */
const refundLine = (outTradeNo: string, name: string, amountFen: number, state: string): Line => ({
  key: `${outTradeNo} ${name}`,
  name,
  fen: state === 'succeeded' ? amountFen : 0,
  state,
});

const theirRefundLine = (it: SandboxRefund): Line =>
  refundLine(it.out_trade_no, it.out_refund_no, it.refund, STATES[it.status] ?? it.status);

const ourRefundLine = (it: DemoRefund): Line => refundLine(it.outTradeNo, it.refundNo, it.amountFen, it.state);

export async function readBooks(shop: Shop) {
  const orders = await shop.orders();
  const numbers = orders.flatMap((order) => order.refunds.map(({ refundNo }) => refundNo));
  const refunds = await Promise.all(numbers.map((refundNo) => shop.refund(refundNo)));
  const [trades, theirRefunds] = await Promise.all([shop.trades(), shop.refunds()]);
  const ours: OwnBooks = { attempts: orders.flatMap((order) => order.attempts), refunds };
  return { orders, theirs: { trades, refunds: theirRefunds }, ours };
}
