import { createAccounts, type Accounts } from './accounts.js';
import { createFaults, type Faults } from './fault/fault.js';
import { createMerchants, type Merchants } from './identity/merchants.js';
import { createDeliver } from './notify/deliver.js';
import { createNotifyQueue, type NotifyQueue } from './notify/queue.js';
import { createRefundLife, type RefundLife } from './refund/life.js';
import { createRefunds, type Refunds } from './refund/refund.js';
import { createClock, type Clock } from './store/clock.js';
import { openStore, type Store } from './store/store.js';
import { createPay, type Pay } from './trade/pay.js';
import { createTrades, type Trades } from './trade/trade.js';
import { createCounters, type Counters } from './wire/apis.js';

/** The simulated gateway, which the wire, the control plane and the phone act on. A further kind of money has its place here. */
export interface Gateway {
  store: Store;
  clock: Clock;
  merchants: Merchants;
  accounts: Accounts;
  trades: Trades;
  pay: Pay;
  refunds: Refunds;
  refundLife: RefundLife;
  notifies: NotifyQueue;
  faults: Faults;
  counters: Counters;
  /** Aborted by `close`. */
  stopped: AbortSignal;
  close(): void;
}

export interface GatewayOptions {
  dir: string | undefined;
  timeScale: number;
  onError: (error: unknown) => void;
}

/** Opens the gateway as its folder keeps it. Throws when the folder cannot be read. */
export async function openGateway({ dir, timeScale, onError }: GatewayOptions): Promise<Gateway> {
  const store = await openStore(dir);
  const stopping = new AbortController();
  const stopped = stopping.signal;
  const clock = createClock(store, Date.now);
  const merchants = await createMerchants(store, clock, dir);
  const accounts = createAccounts(store);
  const faults = createFaults();
  const trades = createTrades(store, clock);
  const deliver = createDeliver({ clock, merchants, faults, stopped });
  const notifies = createNotifyQueue({ store, clock, deliver, timeScale, onError });
  const pay = createPay({ store, clock, trades, notifies });
  const refunds = createRefunds(store);
  const refundLife = createRefundLife({ store, clock, trades, refunds, accounts, notifies });
  return {
    ...{ store, clock, merchants, accounts, trades, pay, refunds, refundLife, notifies, faults, stopped },
    counters: createCounters(),
    close() {
      refundLife.stop();
      notifies.stop();
      stopping.abort();
      store.close();
    },
  };
}
