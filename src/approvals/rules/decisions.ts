import type { DecisionWords, Effect, Text } from '../../actions/rules/decision.js';
import { formatAmount } from '../../base/money.js';
import type { ApprovalDecisionName, ApprovalRecord } from './approval.js';

export type ApprovalDecision = DecisionWords & {
  /** What an operator can paste after `paysaga`. */
  readonly command: (approval: Pick<ApprovalRecord, 'id'>) => string;
  readonly isPossible: (approval: Pick<ApprovalRecord, 'status'>) => boolean;
  readonly effect: (approval: ApprovalRecord) => Effect;
};

const isPending: ApprovalDecision['isPossible'] = ({ status }) => status === 'pending';

/** What the one who decides has to know of it. */
const askedWords = ({
  orderNo,
  askedByName,
  reason,
}: Pick<ApprovalRecord, 'orderNo' | 'askedByName' | 'reason'>): Text => ({
  zh: `订单 ${orderNo} 的这笔退款由${askedByName ?? '店铺'}申请，原因：${reason ?? '未填写'}。`,
  en: `It was asked for by ${askedByName ?? 'the shop'}, of order ${orderNo}. Reason: ${reason ?? 'none was given'}.`,
});

const KNOWN = {
  zh: '之前已经这样决定，没有再做一次。',
  en: 'It was decided like this before; nothing was done a second time.',
};

/** About a refund that waits, in the order in which they are offered. */
export const APPROVAL_DECISIONS = {
  approve: {
    title: { zh: '批准退款', en: 'Approve the refund' },
    kept: { action: 'approve', words: { zh: '批准退款', en: 'approve a refund' } },
    afterwards: {
      done: {
        zh: '退款已批准，款项已冻结，正在向微信支付申请。',
        en: 'The refund is approved and its money held; WeChat Pay is being asked.',
      },
      known: KNOWN,
    },
    command: ({ id }) => `approve ${id}`,
    isPossible: isPending,
    effect: ({ amountFen, outRefundNo, ...approval }) => ({
      sentences: [
        askedWords(approval),
        {
          zh: `退款 ${outRefundNo} 随即开始：冻结 ${formatAmount(amountFen)}，并请微信支付原路退回给付款人。`,
          en: `Refund ${outRefundNo} begins: ${formatAmount(amountFen)} are held, and WeChat Pay is asked to send them back to the payer.`,
        },
        {
          zh: '开始之前会再次核对：订单须已支付，余额须足够。',
          en: 'All is looked at again first: the order has to be paid, and there has to be enough left.',
        },
      ],
      moneyFen: amountFen,
    }),
  },
  reject: {
    title: { zh: '驳回退款', en: 'Reject the refund' },
    kept: { action: 'reject', words: { zh: '驳回退款', en: 'reject a refund' } },
    afterwards: {
      done: { zh: '退款申请已驳回，不会退出任何款项。', en: 'The refund is rejected; no money goes back by it.' },
      known: KNOWN,
    },
    command: ({ id }) => `reject ${id}`,
    isPossible: isPending,
    effect: ({ amountFen, outRefundNo, ...approval }) => ({
      sentences: [
        askedWords(approval),
        {
          zh: `退款 ${outRefundNo}（${formatAmount(amountFen)}）不会开始，这个退款单号也不能再用。`,
          en: `Refund ${outRefundNo} of ${formatAmount(amountFen)} does not begin, and its number is used up.`,
        },
        {
          zh: '店铺再次查询这个退款单号时会看到已驳回；要退款须用新的退款单号再次申请。',
          en: 'The shop sees that when it asks about the number; whoever still wants the refund asks again under another number.',
        },
      ],
      moneyFen: null,
    }),
  },
} as const satisfies Readonly<Record<ApprovalDecisionName, ApprovalDecision>>;

export const isApprovalDecision = (name: string): name is ApprovalDecisionName =>
  Object.hasOwn(APPROVAL_DECISIONS, name);
