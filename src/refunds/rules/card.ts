import type { Language } from '../../base/language.js';
import { refundCommands } from '../../orders/rules/explain/explain.js';
import { codeBlocks, LAST_LINE, readableTime, tableOf } from '../../orders/rules/explain/markdown.js';
import type { Text } from '../../actions/rules/decision.js';
import { formatYuan } from '../../base/money.js';
import { refundProjectionOf, type RefundState } from './state.js';
import { refusedText } from './refused.js';
import { isOwn, isReleased, type RefundCause, type RefundStateName, type RefundTrouble } from './states.js';

/** What a refund waits for, for the Temporal UI's current details: Markdown, in one language. */
export function refundCard(refund: RefundState, language: Language, nowMs: number): string {
  const words = WORDS[language];
  const trouble = refund.unwritten ? 'not_written' : refundProjectionOf(refund).trouble;
  const code = refusalCodeOf(refund);
  const text = trouble === null ? textOf(refund.phase.state, code, refund.cause) : TROUBLES[trouble];
  const rows: [string, string][] = [
    [words.state, `\`${refund.phase.state}\`${trouble === null ? '' : ` · \`${trouble}\``}`],
    ...(code === null ? [] : [[words.refused, `\`${code}\``] satisfies [string, string]]),
    [words.amount, formatYuan(refund.amountFen)],
    [words.order, refund.orderNo],
    [words.payment, refund.outTradeNo],
    [words.asOf, readableTime(nowMs)],
  ];
  const { mchid, outRefundNo } = refund;
  const canBeReissued = isOwn(refund.cause) && isReleased(refund.phase.state);
  const facts = { outRefundNo, state: refund.phase.state, canBeReissued, code, trouble };
  const commands = [...refundCommands(refund, facts), `paysaga show ${refund.orderNo} --mchid ${mchid}`];
  return [`### ${outRefundNo}`, '', text[language], '', ...codeBlocks(commands), ...tableOf(rows), ...LAST_LINE].join(
    '\n',
  );
}

/** A refusal before WeChat Pay took the refund is over. */
const refusalCodeOf = ({ phase: { state }, refusalCode }: RefundState): string | null =>
  state === 'requested' || state === 'rejected' || state === 'abnormal' ? refusalCode : null;

function textOf(state: RefundStateName, code: string | null, cause: RefundCause): Text {
  if (state !== 'rejected' || code === null) return TEXTS[state];
  return refusedText(TEXTS_REFUSED, code, isOwn(cause) ? 'paysaga' : 'shop');
}

const TEXTS_REFUSED = {
  zh: '微信支付明确拒绝了退款，占用的额度已释放',
  en: 'WeChat Pay refused it for good, and the money is free again',
};

const TEXTS: Readonly<Record<RefundStateName, Text>> = {
  requested: {
    zh: '正在向微信支付申请退款。结果未知时先查询，再以同一退款单号重试。',
    en: 'WeChat Pay is being asked to refund. When the outcome is unknown it is queried first, then the same number is sent again.',
  },
  processing: {
    zh: '微信支付已受理，等待退款通知；没有通知时按计划查询。',
    en: 'WeChat Pay has taken it. Waiting for the refund notify; it is polled as well.',
  },
  succeeded: { zh: '已退款，查询已确认。', en: 'Refunded, confirmed by a query.' },
  rejected: {
    zh: '微信支付明确拒绝了退款，占用的额度已释放。',
    en: 'WeChat Pay refused it for good; the money is free again.',
  },
  closed: { zh: '微信支付关闭了退款，占用的额度已释放。', en: 'WeChat Pay closed it; the money is free again.' },
  abnormal: {
    zh: '原路退款失败（账户异常）。运营人员可发起异常退款（abnormalRefund），或确认已线下退款（paidOffline）。',
    en: 'The money could not go back the way it came. An operator may send it to the merchant card (abnormalRefund), or state that it was paid back offline (paidOffline).',
  },
};

const TROUBLES: Readonly<Record<RefundTrouble, Text>> = {
  merchant_config: {
    zh: '微信支付拒绝了商户身份或权限，请修复商户配置；系统会自动以同一退款单号重试。',
    en: "WeChat Pay refuses the merchant's identity or rights. Repair its configuration; the same refund is tried again by itself.",
  },
  gateway_unreachable: {
    zh: '微信支付超过 3 分钟没有给出可用的应答。结果未知，系统会先查询，再以同一退款单号重试。',
    en: 'WeChat Pay has given no usable answer for more than 3 minutes. The outcome is unknown: it is queried first, and the same refund is sent again.',
  },
  merchant_balance: {
    zh: '商户余额不足。请充值；系统会自动以同一退款单号重试：10 秒、30 秒、1、2、5 分钟后，之后每 10 分钟。',
    en: "The merchant's balance is too small. Top it up; the same refund is tried again by itself: after 10 s, 30 s, 1, 2 and 5 min, then every 10 min.",
  },
  not_written: {
    zh: '数据库拒绝写入这笔退款的结果；系统会自动重试。请排除原因。',
    en: 'Postgres refuses to take what became of this refund. It is tried again by itself; repair the cause.',
  },
  refund_failed: {
    zh: '微信支付以其他条件登记了这个退款单号，说明别处使用过它。请在商户平台核对，然后录入这个单号（refund external）：以微信支付为准入账，剩余款项改用其他退款单号退回。',
    en: 'WeChat Pay knows this refund number with other terms: somebody else used it. Compare at the merchant platform, then enter the number (refund external): it is booked as WeChat Pay knows it, and what is left goes back under another one.',
  },
};

const WORDS = {
  zh: { state: '状态', refused: '拒绝原因', amount: '金额', order: '订单', payment: '支付单号', asOf: '截至' },
  en: { state: 'State', refused: 'Refused with', amount: 'Amount', order: 'Order', payment: 'Payment', asOf: 'As of' },
} as const satisfies Record<Language, unknown>;
