import { createSchedule, type Clock } from '../store/clock.js';
import type { Change, Store } from '../store/store.js';
import type { Deliver, Outcome } from './deliver.js';
import { notifySchema, type Delivery, type Notify } from './notify.js';

export type NotifyQueue = ReturnType<typeof createNotifyQueue>;

interface QueueDeps {
  store: Store;
  clock: Clock;
  deliver: Deliver;
  timeScale: number;
  onError: (error: unknown) => void;
}

export function createNotifyQueue(deps: QueueDeps) {
  const { clock, store } = deps;
  const table = store.table('notifies', notifySchema);
  let stopped = false;

  const put = (notify: Notify): Change =>
    table.put(notify.id, notify, () => {
      if (notify.dueAt !== null) schedule.add(notify.id, notify.dueAt);
    });
  const attempt = async (id: string) => {
    const notify = table.get(id);
    if (!notify) return;
    try {
      const outcome = await deps.deliver(notify);
      if (!stopped) store.write(put(next(notify, outcome, clock.now(), deps.timeScale)));
    } catch (error) {
      deps.onError(error);
    }
  };
  const schedule = createSchedule(() => clock.now(), attempt);

  for (const notify of [...table.values()]) {
    // After hours without the sandbox, the retries of a notify do not all come at once.
    if (notify.dueAt !== null) store.write(put({ ...notify, dueAt: Math.max(notify.dueAt, clock.now()) }));
  }

  return {
    enqueue: put,
    ofMerchant: (mchid: string) => [...table.values()].filter((notify) => notify.mchid === mchid),
    /** After an advance of the clock: notifies due by now are delivered one after the other, earliest first. */
    catchUp: () => schedule.catchUp(),
    stop() {
      stopped = true;
      schedule.stop();
    },
  };
}

/** The notify after an attempt. 200 and 204 end it, whatever the body says; every other status and silence are retried. */
function next(notify: Notify, outcome: Outcome, now: number, timeScale: number): Notify {
  const dueAt = notify.dueAt ?? now;
  if ('postponedMs' in outcome) return { ...notify, postponed: true, dueAt: now + outcome.postponedMs };
  const attempts = notify.attempts + 1;
  const delayMs = retryDelayMs(attempts, timeScale);
  const accepted = outcome.answers.some(({ status }) => status === 200 || status === 204);
  const delivered = outcome.answers.map((answer): Delivery => ({ attempt: attempts, at: now, ...answer }));
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
