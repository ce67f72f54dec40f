import { withTransaction, type Db, type Tx } from '../../db/connection.js';
import type { AskingKey } from '../../actions/rules/asking-key.js';
import { finishOperatorAction, openOperatorAction } from '../../actions/store/action.js';
import { aboveLimit, type KeyedAsker } from '../../actions/use-cases/recorded-action.js';
import { DomainError } from '../../orders/rules/domain-error.js';
import { lockStanding, type Standing } from '../../orders/store/change.js';
import type { OrderDeps } from '../../orders/use-cases/order.js';
import type { RefundObjection } from '../../refunds/rules/guard.js';
import type { RefundRecord } from '../../refunds/rules/record.js';
import { holdForShop, objectionToApproved } from '../../refunds/store/reserve.js';
import { refundRefused, startRefund } from '../../refunds/use-cases/create.js';
import { isOwnAsk, STATUS_AFTER, type ApprovalDecisionName, type ApprovalRecord } from '../rules/approval.js';
import { decideApproval, loadApproval, type ApprovalRef, type AskedRefund } from '../store/approval.js';

/** Throws `approval_not_found`, also for another merchant's and for what is no id. */
export async function requireApproval({ db }: { readonly db: Db | Tx }, ref: ApprovalRef): Promise<ApprovalRecord> {
  const found = await loadApproval(db, ref);
  if (found === undefined) throw new DomainError('approval_not_found', 'This merchant has no approval with that id.');
  return found.approval;
}

/**
 * Begins a refund that waits, as if it was asked for now, or ends the asking; the same decision again changes nothing. Whoever
 * decides is another person than who asked. Throws `approval_not_found`, `own_approval`, `approval_final`, `refund_above_limit`, and
 * what a refund is refused with, after which it still waits.
 */
export async function decide(
  deps: OrderDeps,
  ref: ApprovalRef,
  decision: ApprovalDecisionName,
  asker: KeyedAsker & { readonly reason: string },
): Promise<{ readonly approval: ApprovalRecord; readonly isNew: boolean }> {
  const asked = await requireApproval(deps, ref);
  const now = deps.now();
  const outcome = await withTransaction(deps.db, (tx) => decideNow(tx, asked, { decision, asker, now }));
  if (outcome === 'above_limit') throw aboveLimit(asker.key);
  if (outcome === 'own_approval' || outcome === 'approval_final') throw new DomainError(outcome, REFUSALS[outcome]);
  if (typeof outcome === 'object') await startRefund(deps, outcome.refund);
  else if (outcome !== 'known' && outcome !== 'rejected') throw refundRefused(outcome);
  return { approval: await requireApproval(deps, ref), isNew: outcome !== 'known' };
}

const REFUSALS = {
  own_approval: 'Whoever asked for a refund does not decide about it: another person has to.',
  approval_final: 'It was decided otherwise before.',
} as const;

type Deciding = {
  readonly decision: ApprovalDecisionName;
  readonly asker: KeyedAsker & { readonly reason: string };
  readonly now: Date;
};

type Outcome =
  { readonly refund: RefundRecord } | 'rejected' | keyof typeof REFUSALS | 'refund_conflict' | RefundObjection;

/** Kept with its outcome in the transaction that decides, also if it is refused. */
async function decideNow(tx: Tx, ref: ApprovalRecord, deciding: Deciding): Promise<Outcome | 'known' | 'above_limit'> {
  const standing = await lockStanding(tx, ref);
  const found = await loadApproval(tx, ref);
  if (standing === undefined || found === undefined) throw new Error('An approval or its order was removed');
  const { approval } = found;
  const { decision, asker, now: at } = deciding;
  if (approval.status === STATUS_AFTER[decision]) return 'known';
  const { mchid, orderNo, outRefundNo, amountFen, id: approvalId } = approval;
  const parameters = { refundNo: outRefundNo, amountFen, approvalId };
  const money = decision === 'approve' ? { amountFen } : {};
  const opened = await openOperatorAction(tx, { mchid, orderNo, action: decision, parameters, ...money, ...asker, at });
  if (opened.isAboveLimit === true) return 'above_limit';
  const outcome = mayNot(approval, asker.key) ?? (await carryOut(tx, standing, found, deciding));
  await finishOperatorAction(tx, opened.id, typeof outcome === 'string' ? outcome : STATUS_AFTER[decision], at);
  return outcome;
}

function mayNot(approval: ApprovalRecord, key: AskingKey): keyof typeof REFUSALS | undefined {
  if (approval.status !== 'pending') return 'approval_final';
  return isOwnAsk(approval, key) ? 'own_approval' : undefined;
}

async function carryOut(
  tx: Tx,
  standing: Standing,
  { approval, bodyHash, source }: AskedRefund,
  { decision, asker: { key, reason }, now }: Deciding,
): Promise<Outcome> {
  if (key.name === null) throw new Error('A shop decided about an approval');
  const decided = { decision, keyId: key.id, name: key.name, reason, at: now };
  if (decision === 'reject') {
    await decideApproval(tx, approval, decided);
    return 'rejected';
  }
  const { mchid, orderNo, outRefundNo, amountFen, reason: shown } = approval;
  const request = { mchid, orderNo, outRefundNo, amountFen, reason: shown, source, bodyHash, now };
  const objection = await objectionToApproved(tx, standing, request);
  if (objection !== undefined) return objection;
  await decideApproval(tx, approval, decided);
  const held = await holdForShop(tx, standing, request);
  // Another order took the number at this moment: nothing was decided.
  if (held === 'refund_conflict') throw refundRefused(held);
  return held;
}
