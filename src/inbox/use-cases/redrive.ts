import type { Mchid } from '../../base/ids.js';
import {
  NotifyRejected,
  type Gateway,
  type Gateways,
  type ParsedNotify,
  type ProvenNotify,
} from '../../channels/port.js';
import type { Db } from '../../db/connection.js';
import { loadInbox, loadProvenNotify, type InboxRow } from '../store/inbox.js';
import { understandNotify } from '../store/receive.js';
import { given, type UnfinishedAction } from '../../actions/store/unfinished.js';
import { DomainError } from '../../orders/rules/domain-error.js';
import { recordedAction, type Asker } from '../../actions/use-cases/recorded-action.js';
import { deliverNotify, type DeliverDeps } from './deliver.js';

export type InboxDeps = DeliverDeps & { readonly gateways: Gateways };

export type InboxCall = { readonly mchid: Mchid; readonly id: string };

/** Tells its order or refund of the notify again. Throws `not_found`, `order_not_found`, `notify_unsupported`. */
export async function redrive(deps: InboxDeps, call: InboxCall, asker: Asker): Promise<InboxRow> {
  const row = await understood(deps, await requireInboxRow(deps, call));
  const { mchid, orderNo } = row;
  if (orderNo === null) throw unmatched();
  const asked = { action: 'redrive', parameters: { inboxId: row.id }, ...asker } as const;
  const outcome = await recordedAction(deps, { mchid, orderNo }, asked, () => deliverNotify(deps, row));
  if (outcome === 'unmatched') throw unmatched();
  return requireInboxRow(deps, row);
}

export const bringRedrive = async (deps: DeliverDeps, { parameters }: UnfinishedAction): Promise<string> =>
  deliverNotify(deps, given(await loadInbox(deps.db, given(parameters.inboxId))));

export async function requireInboxRow({ db }: { readonly db: Db }, { mchid, id }: InboxCall): Promise<InboxRow> {
  const row = await loadInbox(db, id);
  if (row?.mchid !== mchid) throw new DomainError('not_found', 'This merchant has no such notify.');
  return row;
}

/** This build may understand what an earlier one could only keep. Throws `not_found`, `notify_unsupported`. */
async function understood(deps: InboxDeps, row: InboxRow): Promise<InboxRow> {
  if (row.kind !== 'other') return row;
  const proven = await loadProvenNotify(deps.db, row.id);
  const gateway = deps.gateways.for(row.mchid);
  if (proven === undefined || gateway === undefined)
    throw new DomainError('not_found', 'This merchant is not configured.');
  const said = readAgain(gateway, proven);
  if (said.kind === 'other') throw unsupported('It is of a kind that this version of PaySaga does not handle.');
  const id = await understandNotify(deps.db, row, { ...said, mchid: row.mchid });
  return requireInboxRow(deps, { mchid: row.mchid, id });
}

function readAgain(gateway: Gateway, proven: ProvenNotify): ParsedNotify {
  try {
    return gateway.rereadNotify(proven);
  } catch (error) {
    if (!(error instanceof NotifyRejected)) throw error;
    throw unsupported(`It can no longer be read with the configured key (${error.code}).`);
  }
}

const unsupported = (detail: string): DomainError => new DomainError('notify_unsupported', detail);

const unmatched = (): DomainError =>
  new DomainError(
    'order_not_found',
    'No order has the outTradeNo of this notify. An order that is placed later is told by itself within two minutes.',
  );
