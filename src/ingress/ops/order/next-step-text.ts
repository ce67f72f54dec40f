import type { Explanation, Language } from '../../../domain/explain.js';

/** What comes next in the page's language, by what the order waits for; words nobody translated stay English. */
export const nextStepText = ({ waitingFor, nextStep }: Explanation, language: Language): string =>
  language === 'en' ? nextStep : (ZH[waitingFor] ?? nextStep);

const ZH: Readonly<Record<string, string>> = {
  nothing: '无',
  prepay: '向微信支付下单',
  payment: '查询微信支付（除非通知先到）',
  payment_confirmed: '再次查询',
  close_confirmed: '查询、关单、再查询',
  new_attempt: '到期关单',
  fulfilment: '按策略退款或转人工',
  shop_told: '再次通知店铺',
  refund: '等待退款通知或查询退款',
  refund_repaired: '由运营人员决定',
  operator_decision: '由运营人员决定',
  merchant_config_repaired: '重复被拒绝的请求',
  gateway_answer: '重复请求',
  merchant_balance: '以同一退款单号重试',
  worker: '工作进程恢复后继续',
};
