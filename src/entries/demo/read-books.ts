import type { GatewayBooks, OwnBooks } from './books.js';
import type { DemoOrder, Shop } from './shop.js';

/** Both sides' books over everything the stack has ever seen. */
export async function readBooks(
  shop: Shop,
): Promise<{ orders: readonly DemoOrder[]; theirs: GatewayBooks; ours: OwnBooks }> {
  const orders = await shop.orders();
  const numbers = orders.flatMap((order) => order.refunds.map(({ refundNo }) => refundNo));
  const refunds = await Promise.all(numbers.map((refundNo) => shop.refund(refundNo)));
  const [trades, theirRefunds] = await Promise.all([shop.trades(), shop.refunds()]);
  return {
    orders,
    theirs: { trades, refunds: theirRefunds },
    ours: { attempts: orders.flatMap((order) => order.attempts), refunds },
  };
}
