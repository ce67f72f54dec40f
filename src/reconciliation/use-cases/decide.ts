import type { Mchid } from '../../base/ids.js';
import { DomainError } from '../../orders/rules/domain-error.js';
import { unlessAway, type AwayLog } from '../../actions/use-cases/recorded-action.js';
import type { DiscrepancyAction } from '../rules/classes.js';
import { loadDiscrepancy, noteRecheck, resolveDiscrepancy, type DiscrepancyRecord } from '../store/discrepancies.js';
import { repairFor } from '../store/repairs.js';
import { askWeChat, type AskDeps } from './ask.js';
import { requireReconcilable, runDay, type RunDeps } from './run.js';

export type DecideDeps = RunDeps & AskDeps & { readonly log: AwayLog };

/** `mchids`: those that the asker acts for. */
type Call = { readonly mchids: readonly Mchid[]; readonly id: string };

type Asker = { readonly actor: string; readonly reason: string };

/**
 * What a person says of a discrepancy: it stays as it is (`accept`), was put right elsewhere (`resolve`), or is to be looked at again
 * (`recheck`). Throws `discrepancy_not_found`, `discrepancy_not_open`; a recheck also what {@link requireReconcilable} does, before
 * anything happened.
 */
export async function decideDiscrepancy(
  deps: DecideDeps,
  call: Call,
  action: DiscrepancyAction,
  { actor: by, reason }: Asker,
): Promise<DiscrepancyRecord> {
  const { mchids, id } = call;
  const said = { by, reason, now: deps.now() };
  switch (action) {
    case 'recheck':
      return recheck(deps, call, said);
    case 'accept':
      return outcomeOf(await resolveDiscrepancy(deps.db, mchids, id, { ...said, to: 'accepted' }));
    case 'resolve':
      return outcomeOf(await resolveDiscrepancy(deps.db, mchids, id, { ...said, to: 'resolved' }));
    default:
      return action satisfies never;
  }
}

/** Throws `discrepancy_not_found`. */
export async function requireDiscrepancy(
  { db }: Pick<RunDeps, 'db'>,
  { mchids, id }: Call,
): Promise<DiscrepancyRecord> {
  return outcomeOf((await loadDiscrepancy(db, mchids, id)) ?? 'not_found');
}

/** A run of the day asks again by itself: what cannot be asked now is no failure. */
async function recheck(
  deps: DecideDeps,
  { mchids, id }: Call,
  said: Parameters<typeof noteRecheck>[3],
): Promise<DiscrepancyRecord> {
  const { mchid, date, status } = await requireDiscrepancy(deps, { mchids, id });
  if (status !== 'open') return outcomeOf('not_open');
  requireReconcilable(deps, mchid, date);
  const noted = outcomeOf(await noteRecheck(deps.db, mchids, id, said));
  const repair = await repairFor(deps.db, id);
  if (repair !== undefined) await unlessAway(deps, { mchid, date }, () => askWeChat(deps, repair));
  await runDay(deps, { mchid, date, askedBy: said.by });
  return noted;
}

function outcomeOf(found: DiscrepancyRecord | 'not_found' | 'not_open'): DiscrepancyRecord {
  if (found === 'not_found') {
    throw new DomainError('discrepancy_not_found', 'This merchant has no discrepancy with that id.');
  }
  if (found === 'not_open') {
    throw new DomainError('discrepancy_not_open', 'It was repaired or decided before, and stays as it is.');
  }
  return found;
}
