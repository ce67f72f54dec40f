import type { InboxRow } from '../../inbox/store/inbox.js';
import { markInbox } from '../../inbox/store/receive.js';
import { deliverNotify } from '../../temporal/deliver-notify.js';
import type { IngressDeps } from '../deps.js';

export type TellDeps = Pick<IngressDeps, 'connection' | 'orders' | 'refunds' | 'now'>;

/**
 * Tells the order or the refund what a row says, and marks the row: for a notify that just came and for one that a person sends
 * again. `unmatched`: nobody is there to be told.
 */
export async function tell(deps: TellDeps, row: InboxRow): Promise<'signalled' | 'duplicate' | 'unmatched'> {
  const { db } = deps.connection;
  const outcome = await deliverNotify({ ...deps, db }, row);
  if (outcome !== 'unmatched') await markInbox(db, row.id, outcome, deps.now());
  return outcome;
}
