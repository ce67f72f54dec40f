import type { Faults } from '../fault/fault.js';
import type { Merchants } from '../identity/merchants.js';
import type { NotifyQueue } from '../notify/queue.js';
import type { Accounts } from '../accounts.js';
import type { RefundLife } from '../refund/life.js';
import type { Refunds } from '../refund/refund.js';
import type { Clock } from '../store/clock.js';
import type { Store } from '../store/store.js';
import type { Pay } from '../trade/pay.js';
import type { Trades } from '../trade/trade.js';
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
