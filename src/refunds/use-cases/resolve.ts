import { SaidOtherwise } from '../../actions/store/action.js';
import { successorOf, type Mchid } from '../../base/ids.js';
import { DomainError } from '../../orders/rules/domain-error.js';
import type { RefundRecord } from '../rules/record.js';
import { isReleased, type RefundResolveAction, type RefundResolveOutcome } from '../rules/states.js';
import { RECORDED_ONLY, type OrderDeps, type Refusals } from '../../orders/use-cases/order.js';
import { sealed, type SealDeps } from '../../orders/use-cases/sealed.js';
import type { Sealed } from '../../orders/rules/sale.js';
import type { PayerCard } from '../rules/source.js';
import { reviveRefund } from '../../orders/use-cases/rescue.js';
import { carriedOut, recordedAction, type Asker } from '../../actions/use-cases/recorded-action.js';
import { requireRefund, type RefundCall, type RefundDeps } from './refund.js';

/** `card`, of `abnormalRefund` alone: the payer's own; else the merchant's. */
export type RefundResolution = { readonly action: RefundResolveAction; readonly card?: PayerCard | undefined };

/**
 * The refund after a decision, or the one that took its place: after `reissue`, and where what was paid offline had come to nothing.
 * Throws `refund_not_found`, `reissue_not_allowed`, `resolve_unconfirmed`, `resolve_not_applicable`, `abnormal_refund_refused`,
 * `refund_above_limit`, `outcome_pending`, `invalid_request`.
 */
export async function resolveRefund(
  deps: RefundDeps,
  call: RefundCall,
  { action, card }: RefundResolution,
  asker: Asker,
): Promise<RefundRecord> {
  const refund = await requireRefund(deps, call);
  const { mchid, outRefundNo } = refund;
  const parameters = card === undefined ? {} : { card: await sealedCard(deps, mchid, card) };
  const asked = { outRefundNo, action, parameters, amountFen: refund.amountFen, ...asker };
  const outcome = await recordedAction(deps, refund, asked, async (requestId, isRepeat) =>
    carriedOut(await deps.refunds.resolve({ mchid, outRefundNo, requestId, action }), isRepeat),
  ).catch((error: unknown) => {
    throw error instanceof SaidOtherwise ? new DomainError(...UNDER_WAY) : error;
  });
  if (outcome !== 'resolved') throw new DomainError(...REFUSALS[outcome]);
  const decided = await requireRefund(deps, call);
  const isReplaced = action !== 'abnormalRefund' && isReleased(decided.state);
  return isReplaced ? requireRefund(deps, { mchid, refundNo: successorOf(outRefundNo) }) : decided;
}

const UNDER_WAY: ConstructorParameters<typeof DomainError> = [
  'outcome_pending',
  'It is being sent to a card that somebody named before: nothing was recorded, see what comes of that.',
  { retryAfterSeconds: 5 },
];

/** As the request's row keeps it: who reads the row learns the bank, and no more. */
async function sealedCard(
  deps: SealDeps,
  mchid: Mchid,
  { bankType, ...secret }: PayerCard,
): Promise<Sealed<PayerCard>> {
  const { serial, texts } = await sealed(deps, mchid, [secret.bankAccount, secret.realName]);
  const [bankAccount = '', realName = ''] = texts;
  return { serial, bankType, bankAccount, realName };
}

const REFUSALS: Refusals<Exclude<RefundResolveOutcome | 'pending', 'resolved'>> = {
  unconfirmed: ['resolve_unconfirmed', 'WeChat Pay did not confirm the state this is decided on.'],
  not_applicable: ['resolve_not_applicable', 'The refund is not in a state for this.'],
  not_allowed: [
    'reissue_not_allowed',
    "Only PaySaga's own refund is issued again or paid offline in its place, while its money is free.",
  ],
  refused: ['abnormal_refund_refused', 'WeChat Pay refused to send it to the bank card.'],
  pending: RECORDED_ONLY,
};

/** Starts the workflow of a refund again that cannot go on. Throws `refund_not_found`, `not_stalled`. */
export async function rescueRefund(deps: OrderDeps, call: RefundCall, asker: Asker): Promise<RefundRecord> {
  const refund = await requireRefund(deps, call);
  const request = { outRefundNo: refund.outRefundNo, action: 'rescue', ...asker } as const;
  const outcome = await recordedAction(deps, refund, request, () => reviveRefund(deps, refund));
  if (outcome === 'not_stalled') throw new DomainError('not_stalled', "The refund's workflow goes on by itself.");
  return requireRefund(deps, call);
}
