import type { Mchid } from '../../base/ids.js';
import type { Db } from '../../db/connection.js';
import { listEvents, loadEvent } from '../store/outbox.js';
import { resendEvent } from '../store/delivery.js';
import { given, type UnfinishedAction } from '../../actions/store/unfinished.js';
import { DomainError } from '../../orders/rules/domain-error.js';
import { hasEndpoint, type EndpointDeps } from '../../orders/use-cases/explanation.js';
import type { MerchantEventRecord } from '../rules/event.js';
import type { EventWorkflows } from '../client.js';
import { recordedAction, type Asker } from '../../actions/use-cases/recorded-action.js';

export type EventDeps = { readonly db: Db; readonly events: EventWorkflows; readonly now: () => Date };

export type EventCall = { readonly mchid: Mchid; readonly id: string };

/** Sends the event again. Throws `event_not_found`, `event_withdrawn`, `event_unaddressed`. */
export async function resend(
  deps: EventDeps & EndpointDeps,
  call: EventCall,
  asker: Asker,
): Promise<MerchantEventRecord> {
  const event = await requireEvent(deps, call);
  if (event.status !== 'withdrawn' && !hasEndpoint(deps, call.mchid)) {
    throw new DomainError('event_unaddressed', 'The shop has no endpoint: nobody would be told.');
  }
  const outcome = await sentAgain(deps, event, asker);
  if (outcome === 'withdrawn') {
    throw new DomainError('event_withdrawn', 'It stopped being true before the shop was told.');
  }
  return requireEvent(deps, call);
}

/** The event and its deliveries. Throws `event_not_found`. */
export async function requireEvent({ db }: { db: Db }, call: EventCall): Promise<MerchantEventRecord> {
  const event = await loadEvent(db, call);
  if (event === undefined) throw notFound();
  return event;
}

/** Who asked is kept with the order, or with the event where it is of none. */
function sentAgain(deps: EventDeps, event: MerchantEventRecord, asker: Asker): Promise<'resent' | 'withdrawn'> {
  const { mchid, id, orderNo } = event;
  const { actor, reason } = asker;
  if (orderNo === null) return sendAgain(deps, { mchid, id, asker: { actor, reason: reason ?? '' } });
  const asked = { eventId: id, action: 'resend', ...asker } as const;
  return recordedAction(deps, { mchid, orderNo }, asked, () => sendAgain(deps, { mchid, id }));
}

/** The row first: without Temporal the sweeper finds it, and a repeat goes on with it. */
async function sendAgain(
  { db, events, now }: EventDeps,
  call: Parameters<typeof resendEvent>[1],
): Promise<'resent' | 'withdrawn'> {
  const outcome = await resendEvent(db, call, now());
  if (outcome === 'event_not_found') throw notFound();
  if (outcome === 'resent') await events.resend(call.id);
  return outcome;
}

const notFound = (): DomainError => new DomainError('event_not_found', 'This merchant has no event with that id.');

/** For a recorded request. An event that was tried since the request is on its way; another begins anew. */
export async function bringResend({ db, events, now }: EventDeps, request: UnfinishedAction): Promise<string> {
  const { mchid, requestedAt } = request;
  const id = given(request.eventId);
  const event = (await listEvents(db, request)).find((it) => it.id === id);
  const isTried = event?.deliveries.some(({ at }) => at >= requestedAt) === true;
  if (event?.status !== 'pending' && !isTried) {
    const outcome = await resendEvent(db, { mchid, id }, now());
    if (outcome !== 'resent') return outcome;
  }
  await events.start(id);
  return 'resent';
}
