import type { Faults } from '../fault/faults.js';
import type { Merchants } from '../identity/merchants.js';
import type { NotifyQueue } from '../notify/queue.js';
import type { Clock } from '../store/clock.js';
import type { Pay } from '../trade/pay.js';
import type { Trades } from '../trade/trades.js';
import type { Counters } from '../wire/limits.js';

export interface ControlDeps {
  clock: Clock;
  merchants: Merchants;
  trades: Trades;
  notifies: NotifyQueue;
  faults: Faults;
  counters: Counters;
  pay: Pay;
}
