import type { Faults } from '../fault/faults.js';
import type { Merchants } from '../identity/merchants.js';
import type { NotifyQueue } from '../notify/queue.js';
import type { Accounts } from '../refund/accounts.js';
import type { RefundLife } from '../refund/life.js';
import type { Refunds } from '../refund/refunds.js';
import type { Clock } from '../store/clock.js';
import type { Store } from '../store/store.js';
import type { Pay } from '../trade/pay.js';
import type { Trades } from '../trade/trades.js';
import type { Counters } from '../wire/limits.js';

export interface ControlDeps {
  store: Store;
  clock: Clock;
  merchants: Merchants;
  trades: Trades;
  refunds: Refunds;
  refundLife: RefundLife;
  accounts: Accounts;
  notifies: NotifyQueue;
  faults: Faults;
  counters: Counters;
  pay: Pay;
}
