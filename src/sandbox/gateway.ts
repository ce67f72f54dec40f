import { createBills } from './bill/bills.js';
import { createAuthCodes } from './code-scan/auth-code.js';
import { createCharges } from './code-scan/charge.js';
import { createFaults } from './fault/fault.js';
import type { NewKeyPair } from './identity/issue.js';
import { createMerchants } from './identity/merchants.js';
import { createNotifyQueue } from './notify/queue.js';
import { createAccounts, createRefundLife } from './refund/life.js';
import { createRefunds } from './refund/refund.js';
import { createClock } from './store/clock.js';
import { openStore } from './store/store.js';
import { createPay } from './trade/pay.js';
import { createTrades } from './trade/trade.js';
import { createCounters } from './wire/apis.js';

/** The simulated gateway, which the wire, the control plane and the phone act on. */
export type Gateway = Awaited<ReturnType<typeof openGateway>>;

interface GatewayOptions {
  dir: string | undefined;
  timeScale: number;
  /** By how much the world begins earlier, if it has not begun yet. */
  clockOffset: number;
  firstMchid: number;
  newKeyPair: NewKeyPair;
  onError: (error: unknown) => void;
}

export async function openGateway({ dir, timeScale, clockOffset, firstMchid, newKeyPair, onError }: GatewayOptions) {
  const store = await openStore(dir);
  const stopping = new AbortController();
  const stopped = stopping.signal;
  const clock = createClock(store, Date.now, clockOffset);
  const merchants = await createMerchants({ store, clock, firstMchid, newKeyPair, dir });
  const accounts = createAccounts(store);
  const faults = createFaults();
  const trades = createTrades(store, clock);
  const notifies = createNotifyQueue({ store, clock, merchants, faults, stopped, timeScale, onError });
  const pay = createPay({ store, clock, trades, notifies });
  const refunds = createRefunds(store);
  const refundLife = createRefundLife({ store, clock, trades, refunds, accounts, notifies, stopped });
  const authCodes = createAuthCodes(store, clock);
  const charges = createCharges({ store, clock, trades, pay, authCodes, accounts, stopped });
  return {
    ...{ store, clock, merchants, accounts, trades, pay, refunds, refundLife, authCodes, charges, notifies, faults },
    bills: createBills({ clock, trades, refunds }),
    counters: createCounters(),
    stopped,
    close() {
      stopping.abort();
      store.close();
    },
  };
}
