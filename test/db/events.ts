import type { PendingEvent } from '../../src/shop-events/rules/event.js';
import type { Db } from '../../src/db/connection.js';
import { recordDelivery, type Delivery } from '../../src/shop-events/store/delivery.js';
import { LATER } from './fixtures.js';

/** A try that failed and will be made again in a minute. */
export function delivery(eventId: string, change: Partial<Delivery> = {}): Delivery {
  return {
    eventId,
    at: LATER,
    status: 500,
    outcome: 'refused',
    durationMs: 12.5,
    then: { kind: 'again', nextAt: minutesLater(1) },
    ...change,
  };
}

export const minutesLater = (minutes: number): Date => new Date(LATER.getTime() + minutes * 60_000);

export const delivered = { status: 200, outcome: 'delivered', then: { kind: 'delivered' } } as const;
export const exhausted = { status: 503, outcome: 'refused', then: { kind: 'exhausted' } } as const;

export const deliver = (db: Db, eventId: string, change: Partial<Delivery> = {}): Promise<void> =>
  recordDelivery(db, delivery(eventId, change));

export function only(events: readonly PendingEvent[]): PendingEvent {
  const [event, ...others] = events;
  if (event === undefined || others.length > 0) throw new Error(`${String(events.length)} events are pending`);
  return event;
}
