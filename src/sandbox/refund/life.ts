import { z } from 'zod';
import { newRefundNotify } from '../notify/notify.js';
import type { NotifyQueue } from '../notify/queue.js';
import { createSchedule, type Clock } from '../store/clock.js';
import type { Change, Store } from '../store/store.js';
import { refundedTrade, unrefundedTrade, type Trade, type Trades } from '../trade/trade.js';
import { applyRefund, type ApplyResult, type RefundRequest } from './apply.js';
import { holdsMoney, type Refund, type Refunds, type SettledStatus } from './refund.js';

interface RefundLifeDeps {
  store: Store;
  clock: Clock;
  trades: Trades;
  refunds: Refunds;
  accounts: Accounts;
  notifies: NotifyQueue;
  stopped: AbortSignal;
}

/** Every step of a refund is saved together with its notify and its effects on trade and balance. */
export function createRefundLife(deps: RefundLifeDeps) {
  const { store, clock, refunds, accounts } = deps;
  const settleAt = (refund: Refund, status: SettledStatus, at: number): Refund => {
    const settled = settledRefund(refund, status, at);
    const trade = deps.trades.find(refund.mchid, refund.outTradeNo);
    const notified = deps.notifies.enqueue(newRefundNotify(settled, status, at, trade));
    const released = status === 'CLOSED' ? release(deps, settled) : [];
    store.write(refunds.put(settled), ...notified, ...released);
    return settled;
  };
  const succeed = (refundId: string) => {
    const refund = refunds.findByRefundId(undefined, refundId);
    const dueAt = refund?.dueAt ?? Infinity;
    if (refund && dueAt <= clock.now()) settleAt(refund, 'SUCCESS', dueAt);
  };
  const schedule = createSchedule(clock.now, succeed, deps.stopped);
  const wait = ({ refundId, dueAt }: Refund) => {
    if (dueAt !== null) schedule.add(refundId, dueAt);
  };

  const begin = (refund: Refund, trade: Trade) => {
    const moved = accounts.move(refund.mchid, -refund.refundFen);
    store.write(refunds.put(refund), deps.trades.put(refundedTrade(trade)), ...moved);
    wait(refund);
  };

  for (const refund of refunds.waiting()) wait(refund);

  return {
    /** An accepted refund begins: the money leaves the balance, the trade is a refunded one. */
    apply(request: RefundRequest, trade: Trade | undefined): ApplyResult {
      const { mchid, outRefundNo } = request;
      const result = applyRefund(request, {
        existing: refunds.find(mchid, outRefundNo),
        trade,
        earlier: trade ? refunds.ofTrade(mchid, trade.outTradeNo) : [],
        ...accounts.of(mchid),
        now: clock.now(),
      });
      if ('refund' in result && result.trade) begin(result.refund, result.trade);
      return result;
    },
    redirect(refund: Refund, abnormalRefund: NonNullable<Refund['abnormalRefund']>): Refund {
      const dueAt = clock.now() + accounts.of(refund.mchid).refundDelayMs;
      const redirected: Refund = { ...refund, status: 'PROCESSING', previousStatus: 'ABNORMAL', dueAt, abnormalRefund };
      store.write(refunds.put(redirected));
      wait(redirected);
      return redirected;
    },
    /** Ends the refund, or makes it abnormal; `undefined` when its status does not allow that. */
    settle(refund: Refund, status: SettledStatus): Refund | undefined {
      const open = refund.status === 'PROCESSING' || (refund.status === 'ABNORMAL' && status !== 'ABNORMAL');
      return open ? settleAt(refund, status, clock.now()) : undefined;
    },
    /** After an advance of the clock: refunds due by now succeed at once. */
    catchUp() {
      for (const { refundId } of refunds.waiting()) succeed(refundId);
      schedule.catchUp();
    },
  };
}

function settledRefund(refund: Refund, status: SettledStatus, at: number): Refund {
  return {
    ...refund,
    status,
    previousStatus: refund.status === 'ABNORMAL' ? 'ABNORMAL' : 'PROCESSING',
    dueAt: null,
    ...(status === 'SUCCESS' ? { succeededAt: at } : {}),
    ...(status === 'CLOSED' ? { closedAt: at } : {}),
  };
}

/** The money returns to the balance, and a trade without another refund is a paid one again. */
function release({ trades, refunds, accounts }: RefundLifeDeps, closed: Refund): Change[] {
  const others = refunds
    .ofTrade(closed.mchid, closed.outTradeNo)
    .filter((refund) => refund.outRefundNo !== closed.outRefundNo && holdsMoney(refund));
  const trade = others.length === 0 ? trades.find(closed.mchid, closed.outTradeNo) : undefined;
  return [...accounts.move(closed.mchid, closed.refundFen), ...(trade ? [trades.put(unrefundedTrade(trade))] : [])];
}

const accountSchema = z.object({
  /** Refunds are paid from it; null: without end. */
  balanceFen: z.number().nullable(),
  /** How long a refund is PROCESSING before it succeeds by itself. */
  refundDelayMs: z.number(),
  /** How old a charge must be before it can be reversed. */
  reverseAfterMs: z.number().default(0),
});

type Account = z.infer<typeof accountSchema>;

const untouched: Account = { balanceFen: null, refundDelayMs: 1000, reverseAfterMs: 0 };

export type Accounts = ReturnType<typeof createAccounts>;

/** The merchants' money at WeChat Pay, and how their refunds and reverses go. */
export function createAccounts(store: Store) {
  const table = store.table('accounts', accountSchema);
  const of = (mchid: string) => table.get(mchid) ?? untouched;
  const put = (mchid: string, change: Partial<Account>) => table.put(mchid, { ...of(mchid), ...change });
  return {
    of,
    put,
    /** The changes that add `byFen` to the balance; none when it has no end. */
    move(mchid: string, byFen: number): Change[] {
      const { balanceFen } = of(mchid);
      return balanceFen === null ? [] : [put(mchid, { balanceFen: balanceFen + byFen })];
    },
  };
}
