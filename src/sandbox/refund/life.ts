import { newRefundNotify } from '../notify/notify.js';
import type { NotifyQueue } from '../notify/queue.js';
import { type Clock, createSchedule } from '../store/clock.js';
import type { Change, Store } from '../store/store.js';
import { refundedTrade, unrefundedTrade, type Trade, type Trades } from '../trade/trade.js';
import type { Accounts } from '../accounts.js';
import { holdsMoney, type Refund, type SettledStatus, type Refunds } from './refund.js';

export interface RefundLife {
  /** An accepted refund begins: the money leaves the balance, the trade is a refunded one. */
  begin(refund: Refund, trade: Trade): void;
  /** An abnormal refund goes to a bank card. */
  redirect(refund: Refund, abnormalRefund: NonNullable<Refund['abnormalRefund']>): Refund;
  /** It ends, or becomes abnormal; `undefined` when it cannot from where it is. */
  settle(refund: Refund, status: SettledStatus): Refund | undefined;
  /** The clock moved: what is due by now succeeds at once. */
  catchUp(): void;
  stop(): void;
}

export interface RefundLifeDeps {
  store: Store;
  clock: Clock;
  trades: Trades;
  refunds: Refunds;
  accounts: Accounts;
  notifies: NotifyQueue;
}

/** Every step of a refund is saved together with its notify and with what it does to trade and balance. */
export function createRefundLife(deps: RefundLifeDeps): RefundLife {
  const { store, clock, refunds, accounts } = deps;
  const schedule = createSchedule(
    () => clock.now(),
    (refundId) => {
      succeed(refundId);
      return Promise.resolve();
    },
  );

  const wait = ({ refundId, dueAt }: Refund) => {
    if (dueAt !== null) schedule.add(refundId, dueAt);
  };
  const settleAt = (refund: Refund, status: SettledStatus, at: number): Refund => {
    const settled = settledRefund(refund, status, at);
    store.write(refunds.put(settled), ...consequences(deps, settled, status, at));
    return settled;
  };
  const succeed = (refundId: string) => {
    const refund = refunds.findByRefundId(undefined, refundId);
    const dueAt = refund?.dueAt ?? Infinity;
    if (refund && dueAt <= clock.now()) settleAt(refund, 'SUCCESS', dueAt);
  };

  for (const refund of refunds.waiting()) wait(refund);

  return {
    begin(refund, trade) {
      const moved = accounts.move(refund.mchid, -refund.refundFen);
      store.write(refunds.put(refund), deps.trades.put(refundedTrade(trade)), ...moved);
      wait(refund);
    },
    redirect(refund, abnormalRefund) {
      const dueAt = clock.now() + accounts.of(refund.mchid).refundDelayMs;
      const redirected: Refund = {
        ...refund,
        status: 'PROCESSING',
        previousStatus: 'ABNORMAL',
        dueAt,
        abnormalRefund,
      };
      store.write(refunds.put(redirected));
      wait(redirected);
      return redirected;
    },
    settle(refund, status) {
      const open = refund.status === 'PROCESSING' || (refund.status === 'ABNORMAL' && status !== 'ABNORMAL');
      return open ? settleAt(refund, status, clock.now()) : undefined;
    },
    catchUp() {
      for (const { refundId } of refunds.waiting()) succeed(refundId);
      schedule.catchUp();
    },
    stop: () => schedule.stop(),
  };
}

function settledRefund(refund: Refund, status: SettledStatus, at: number): Refund {
  return {
    ...refund,
    status,
    previousStatus: refund.status === 'ABNORMAL' ? 'ABNORMAL' : 'PROCESSING',
    dueAt: null,
    ...(status === 'SUCCESS' ? { succeededAt: at } : {}),
  };
}

function consequences(deps: RefundLifeDeps, settled: Refund, status: SettledStatus, at: number): Change[] {
  const notify = newRefundNotify(settled, status, at);
  return [...(notify ? [deps.notifies.enqueue(notify)] : []), ...(status === 'CLOSED' ? release(deps, settled) : [])];
}

/** The money is the merchant's again, and a trade without another refund is a paid one like any other. */
function release({ trades, refunds, accounts }: RefundLifeDeps, closed: Refund): Change[] {
  const others = refunds
    .ofTrade(closed.mchid, closed.outTradeNo)
    .filter((refund) => refund.outRefundNo !== closed.outRefundNo && holdsMoney(refund));
  const trade = others.length === 0 ? trades.find(closed.mchid, closed.outTradeNo) : undefined;
  return [...accounts.move(closed.mchid, closed.refundFen), ...(trade ? [trades.put(unrefundedTrade(trade))] : [])];
}
