import type { Text } from '../../actions/rules/decision.js';

/** Whose refund it is: PaySaga issues its own again under the next number, the shop asks again under another. */
type RefusedOf = 'paysaga' | 'shop';

/**
 * What was refused, with WeChat Pay's code, what the code means, and what a person can do about it. `code` is null where WeChat Pay
 * gave none: the refund was closed.
 */
export function refusedText(what: Text, code: string | null, of: RefusedOf): Text {
  const known = REFUSALS[code ?? ''];
  const { zh, en } = ADVICE[known?.advice ?? 'mend'][of];
  return {
    zh: `${what.zh}${code === null ? '' : `（${code}）`}${known === undefined ? '' : `：${known.why.zh}`}。${zh}`,
    en: `${what.en}${code === null ? '' : ` (${code})`}${known === undefined ? '' : `: ${known.why.en}`}. ${en}`,
  };
}

/** No refund of this money goes through any more, or none while the payer's account is as it is. */
export function isOnlyOffline(code: string | null): boolean {
  const advice = REFUSALS[code ?? '']?.advice;
  return advice === 'offline' || advice === 'never';
}

type Refusal = { readonly why: Text; readonly advice: keyof typeof ADVICE };

const ADVICE = {
  offline: {
    paysaga: {
      zh: '重新发起也会被拒绝：请在线下退给付款人，然后确认（paidOffline）；没有线下退款的，账户恢复后可以重新发起（reissue）。',
      en: 'The same again is refused again: pay the payer back offline, then state it (paidOffline); if you have not, it can be issued again (reissue) once the account works again.',
    },
    shop: {
      zh: '请店铺在线下退给付款人；账户恢复后，店铺可以用新的退款单号再次申请。',
      en: 'The shop has to pay the payer back offline; once the account works again it can ask again under another number.',
    },
  },
  never: {
    paysaga: {
      zh: '无法再通过微信支付退款：请在线下退给付款人，然后确认（paidOffline）。',
      en: 'WeChat Pay will not refund it any more: pay the payer back offline, then state it (paidOffline).',
    },
    shop: {
      zh: '无法再通过微信支付退款，请店铺在线下退给付款人。',
      en: 'WeChat Pay will not refund it any more: the shop has to pay the payer back offline.',
    },
  },
  compare: {
    paysaga: {
      zh: '请核对该笔交易在商户平台的退款记录：如有本系统不知道的退款，录入其退款单号（refund external），剩余部分会自动以下一个退款单号退回；否则排除原因后重新发起（reissue）。',
      en: 'Compare with the refunds the merchant platform shows for this trade: enter the number of one that is not known here (refund external), and the rest goes back by itself under the next number; otherwise issue it again once the cause is gone (reissue).',
    },
    shop: {
      zh: '请店铺核对该笔交易在商户平台的退款记录；排除原因后，店铺可以用新的退款单号再次申请。',
      en: 'The shop should compare with the refunds the merchant platform shows for this trade; once the cause is gone it can ask again under another number.',
    },
  },
  mend: {
    paysaga: {
      zh: '排除原因后重新发起（reissue），将使用下一个退款单号；如果已在线下退给付款人，改为确认线下退款（paidOffline）。',
      en: 'Once the cause is gone issue it again (reissue); it gets the next number. If you paid the payer back offline, state that instead (paidOffline).',
    },
    shop: {
      zh: '排除原因后，店铺可以用新的退款单号再次申请。',
      en: 'Once the cause is gone the shop can ask again under another number.',
    },
  },
} as const satisfies Record<string, Record<RefusedOf, Text>>;

const REFUSALS: Readonly<Record<string, Refusal>> = {
  USER_ACCOUNT_ABNORMAL: {
    why: { zh: '付款人的账户异常或已注销', en: "the payer's account is abnormal or gone" },
    advice: 'offline',
  },
  TRADE_OVERDUE: {
    why: { zh: '该笔交易已超过可退款期限（365 天）', en: 'the trade is too old to be refunded (365 days)' },
    advice: 'never',
  },
  INVALID_REQUEST: {
    why: {
      zh: '金额超过该笔交易剩余可退的部分，或退款单号已在别处使用，或不符合业务规则；款项可能已在别处退还',
      en: 'it is more than what is left of the trade, its number was used elsewhere, or it breaks another rule; the money may have gone back elsewhere',
    },
    advice: 'compare',
  },
  REFUND_FEE_MISMATCH: {
    why: {
      zh: '同一退款单号的金额与此前不一致，或超过可退金额',
      en: 'its amount is not the one this number had before, or too much',
    },
    advice: 'compare',
  },
};
