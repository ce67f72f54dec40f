import { ofTrade, type Fault, type Faults } from '../fault/fault.js';
import type { Merchants } from '../identity/merchants.js';
import { createSchedule, type Clock } from '../store/clock.js';
import type { Change, Store } from '../store/store.js';
import { notifySchema, type Delivery, type Notify } from './notify.js';
import { post, type Posted } from './post.js';
import { v2Message } from './v2.js';
import { v3Message } from './v3.js';

export type NotifyQueue = ReturnType<typeof createNotifyQueue>;

interface QueueDeps {
  store: Store;
  clock: Clock;
  merchants: Merchants;
  faults: Faults;
  stopped: AbortSignal;
  /** Retry intervals are divided by it. */
  timeScale: number;
  onError: (error: unknown) => void;
}

export function createNotifyQueue(deps: QueueDeps) {
  const { clock, store, stopped } = deps;
  const table = store.table('notifies', notifySchema);

  const put = (notify: Notify): Change =>
    table.put(notify.id, notify, () => {
      if (notify.dueAt !== null) schedule.add(notify.id, notify.dueAt);
    });
  const attempt = async (id: string) => {
    const notify = table.get(id);
    if (!notify) return;
    try {
      const outcome = await deliver(deps, notify);
      if (!stopped.aborted) store.write(put(next(notify, outcome, clock.now(), deps.timeScale)));
    } catch (error) {
      deps.onError(error);
    }
  };
  const schedule = createSchedule(clock.now, attempt, stopped);

  for (const notify of [...table.values()]) {
    // After hours without the sandbox, the retries of a notify do not all come at once.
    if (notify.dueAt !== null) store.write(put({ ...notify, dueAt: Math.max(notify.dueAt, clock.now()) }));
  }

  return {
    enqueue: (notify: Notify | undefined): Change[] => (notify ? [put(notify)] : []),
    ofMerchant: (mchid: string) => [...table.values()].filter((notify) => notify.mchid === mchid),
    /** After an advance of the clock: notifies due by now are delivered one after the other, earliest first. */
    catchUp: schedule.catchUp,
  };
}

/** The notify after an attempt: what the receiver accepted is ended, all else and silence are retried. */
function next(notify: Notify, outcome: Outcome, now: number, timeScale: number): Notify {
  const dueAt = notify.dueAt ?? now;
  if ('postponedMs' in outcome) return { ...notify, postponed: true, dueAt: now + outcome.postponedMs };
  const attempts = notify.attempts + 1;
  const delayMs = retryDelayMs(attempts, timeScale);
  const accepted = outcome.answers.some(({ isAccepted }) => isAccepted);
  const delivered = outcome.answers.map(({ status, reason }): Delivery => ({
    attempt: attempts,
    at: now,
    status,
    ...(reason === undefined ? {} : { reason }),
  }));
  return {
    ...notify,
    attempts,
    postponed: false,
    dueAt: accepted || delayMs === undefined ? null : dueAt + delayMs,
    deliveries: [...notify.deliveries, ...delivered],
  };
}

/** Seconds between the attempts: 15 retries over 24 h 4 min. */
const retrySeconds = [15, 15, 30, 180, 600, 1200, 1800, 1800, 1800, 3600, 10800, 10800, 10800, 21600, 21600];

export function retryDelayMs(attempts: number, timeScale: number): number | undefined {
  const seconds = retrySeconds[attempts - 1];
  return seconds === undefined ? undefined : (seconds * 1000) / timeScale;
}

type Outcome = { answers: Posted[] } | { postponedMs: number };

/** One attempt, as the matching fault bends it. */
async function deliver(deps: QueueDeps, notify: Notify): Promise<Outcome> {
  const fault = notify.postponed
    ? undefined
    : deps.faults.take(notify.mchid, 'notify', ofTrade(notify.outTradeNo), {
        probed: notify.attempts > 0 || !!notify.v2,
      });
  if (fault?.kind === 'delay') return { postponedMs: fault.ms };
  if (fault?.kind === 'drop') return { answers: [{ status: null, reason: 'dropped by a fault', isAccepted: false }] };
  const sent = send(deps, notify, fault);
  return { answers: await Promise.all(fault?.kind === 'duplicate' ? [sent, send(deps, notify, fault)] : [sent]) };
}

async function send(deps: QueueDeps, notify: Notify, fault: Fault | undefined): Promise<Posted> {
  const merchant = deps.merchants.find(notify.mchid);
  if (!merchant) throw new Error(`a notify of an unknown merchant ${notify.mchid}`);
  const message = notify.v2
    ? v2Message(notify, notify.v2, merchant, fault)
    : await v3Message(notify, merchant, fault, deps.clock.realNow());
  return post(notify.url, message, deps.stopped);
}
