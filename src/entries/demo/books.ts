import type { DemoOrder, SandboxTrade } from './shop.js';

export type Books = { readonly differenceFen: number; readonly differing: readonly string[] };

/**
 * Compares what the gateway's books say was paid with what PaySaga's say, attempt by attempt. A trade either side does not
 * know counts with all its money, and is named even without money when PaySaga believes it open or paid.
 */
export function compareBooks(trades: readonly SandboxTrade[], orders: readonly DemoOrder[]): Books {
  const theirs = new Map(trades.map((trade) => [trade.out_trade_no, isPaid(trade) ? trade.total : 0]));
  const ours = new Map(orders.flatMap((order) => order.attempts.map((it) => [it.outTradeNo, it.paidFen] as const)));
  const numbers = [...new Set([...theirs.keys(), ...ours.keys()])];
  const differences = numbers.map((outTradeNo) => {
    const fen = Math.abs((theirs.get(outTradeNo) ?? 0) - (ours.get(outTradeNo) ?? 0));
    const known = theirs.has(outTradeNo) && ours.has(outTradeNo);
    return { outTradeNo, fen, differs: fen > 0 || !known };
  });
  return {
    differenceFen: differences.reduce((sum, { fen }) => sum + fen, 0),
    differing: differences.filter(({ differs }) => differs).map(({ outTradeNo }) => outTradeNo),
  };
}

const isPaid = (trade: SandboxTrade): boolean => trade.trade_state === 'SUCCESS' || trade.trade_state === 'REFUND';
