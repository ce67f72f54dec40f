import type { Language } from '../../base/language.js';
import { beijingTime } from '../../base/time.js';
import { timelineLine } from '../../decisions/rules/decisions.js';
import { WORDS } from './words.js';

type Text = Readonly<Record<Language, string>>;

/** A kind without words is shown as it is. */
export function kindText(kind: string, language: Language): string {
  const [family = '', ...rest] = kind.split('.');
  const name = rest.join('.');
  const known = KINDS[kind] ?? (family === 'action' ? timelineLine(name) : undefined);
  if (known !== undefined) return known[language];
  if (family === 'answer') return ANSWER[language] + kindText(`action.${name}`, language);
  const words: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    event: { ...WORDS[language].event, ...WORDS[language].told },
    refund: WORDS[language].refund,
    attempt: WORDS[language].attempt,
    order: WORDS[language].state,
  };
  const word = words[family]?.[name];
  return word === undefined ? kind : (FAMILIES[family]?.[language] ?? '') + word;
}

const FAMILIES: Readonly<Record<string, Text>> = {
  event: { zh: '通知店铺：', en: 'To tell the shop: ' },
  refund: { zh: '退款：', en: 'Refund: ' },
  attempt: { zh: '支付尝试：', en: 'Attempt: ' },
  order: { zh: '订单：', en: 'Order: ' },
};

const KINDS: Readonly<Record<string, Text>> = {
  'order.created': { zh: '订单已创建', en: 'Order created' },
  'order.paid': { zh: '订单已支付', en: 'Order paid' },
  'order.closed': { zh: '订单已关闭', en: 'Order closed' },
  'order.review': { zh: '订单待人工处理', en: 'Order in review' },
  'order.stuck': { zh: '订单卡住', en: 'Order stuck' },
  'order.unstuck': { zh: '订单不再卡住', en: 'Order no longer stuck' },
  'order.fulfilment': { zh: '发货', en: 'Fulfilment' },
  'order.deadline': { zh: '截止时间已移动', en: 'Deadline moved' },
  'order.ending': { zh: '开始关闭订单', en: 'Closing begins' },
  'attempt.sent': { zh: '下单已发出', en: 'Prepay sent' },
  'attempt.refused': { zh: '微信支付拒绝下单', en: 'Prepay refused' },
  'attempt.charged': { zh: '付款码已扣款', en: "Payer's code charged" },
  'attempt.reversing': { zh: '决定撤销扣款', en: 'The charge is to be reversed' },
  'attempt.opened': { zh: '支付尝试已开启', en: 'Attempt opened' },
  'attempt.paid': { zh: '付款人已付款', en: 'Paid by the payer' },
  'evidence.notify': { zh: '款项证据：通知', en: 'Evidence of money: notify' },
  'evidence.query': { zh: '款项证据：查询', en: 'Evidence of money: query' },
  'evidence.bill': { zh: '款项证据：账单', en: 'Evidence of money: bill' },
  'notify.payment': { zh: '收到支付通知', en: 'Payment notify received' },
  'notify.refund': { zh: '收到退款通知', en: 'Refund notify received' },
  'notify.told': { zh: '通知已送交', en: 'Notify delivered' },
  'call.omitted': { zh: '更早的请求未列出', en: 'Earlier calls are left out' },
  'call.prepay': { zh: '请求：下单', en: 'Call: prepay' },
  'call.charge': { zh: '请求：扣款', en: 'Call: charge' },
  'call.reverse': { zh: '请求：撤销', en: 'Call: reverse' },
  'call.query': { zh: '请求：查询', en: 'Call: query' },
  'call.close': { zh: '请求：关单', en: 'Call: close' },
  'call.refund': { zh: '请求：退款', en: 'Call: refund' },
  'call.refundQuery': { zh: '请求：查询退款', en: 'Call: query the refund' },
  'call.abnormalRefund': { zh: '请求：异常退款', en: 'Call: abnormal refund' },
  'refund.requested': { zh: '退款已登记', en: 'Refund recorded' },
  'refund.applied': { zh: '已向微信支付申请退款', en: 'Refund sent to WeChat Pay' },
  'refund.processing': { zh: '微信支付已受理退款', en: 'Refund accepted by WeChat Pay' },
  'refund.succeeded': { zh: '退款成功', en: 'Refund succeeded' },
  'refund.abnormal': { zh: '退款异常：钱退不回去', en: 'Refund abnormal: the money cannot go back' },
  'refund.rejected': { zh: '微信支付拒绝了退款', en: 'Refund refused by WeChat Pay' },
  'refund.closed': { zh: '微信支付关闭了退款', en: 'Refund closed by WeChat Pay' },
  delivery: { zh: '通知店铺', en: 'Shop told' },
};

/** WeChat Pay's codes and HTTP statuses stay as they are. */
export function outcomeText(outcome: string, language: Language, kind = ''): string {
  const words = WORDS[language];
  const [family = ''] = kind.split('.');
  const ofKind: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    'order.closed': words.closed,
    'order.paid': words.foundBy,
    'order.review': words.review,
    'order.stuck': words.stuck,
    'order.fulfilment': words.fulfilment,
    'order.ending': words.closed,
    attempt: words.attempt,
    refund: words.refund,
    event: words.told,
  };
  return (ofKind[kind] ?? ofKind[family])?.[outcome] ?? OUTCOMES[outcome]?.[language] ?? outcome;
}

export function detailText(kind: string, detail: string, language: Language): string {
  const words = WORDS[language];
  const known: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    'attempt.sent': words.product,
    'attempt.opened': words.product,
    'refund.requested': words.cause,
    'action.resolve': DECISIONS[language],
    'action.fulfilment': words.fulfilment,
    'event.exhausted': words.event,
    'event.withdrawn': words.event,
    'event.unaddressed': words.event,
    'event.pending': words.event,
  };
  const isTime = ['action.extend', 'order.deadline'].includes(kind) && !Number.isNaN(Date.parse(detail));
  return isTime ? `→ ${beijingTime(new Date(detail))}` : (known[kind]?.[detail] ?? detail);
}

const ANSWER: Text = { zh: '结果：', en: 'Answer: ' };

const DECISIONS: Readonly<Record<Language, Readonly<Record<string, string>>>> = {
  zh: { accept: '接受', return: '退回款项', close: '无款结束' },
  en: { accept: 'accept', return: 'return the money', close: 'end without money' },
};

export function outcomeTone(outcome: string, kind = ''): 'good' | 'bad' | 'calm' {
  if (kind === 'order.stuck') return 'bad';
  if (kind.startsWith('order.')) return 'calm';
  if (GOOD.has(outcome) || /^2[0-9]{2}$/.test(outcome)) return 'good';
  return BAD.has(outcome) || /^(0|[345][0-9]{2})$/.test(outcome) || /^[A-Z][A-Z_]+$/.test(outcome) ? 'bad' : 'calm';
}

const GOOD = new Set([
  'ok',
  'paid',
  'resolved',
  'delivered',
  'succeeded',
  'fulfilled',
  'closed',
  'extended',
  'accepted',
]);

const BAD = new Set([
  'unknown',
  'unreachable',
  'rate_limited',
  'gate_shut',
  'merchant_config',
  'unconfirmed',
  'not_applicable',
  'not_allowed',
  'not_open',
  'money_held',
  'refused',
  'withdrawn',
  'unmatched',
  'rejected',
  'abnormal',
  'exhausted',
  'unaddressed',
  'timeout',
  'tls',
  'gone',
  'forbidden_address',
  'failed',
  'conflict',
  'taken',
  'unrecognised',
  'notEnough',
]);

const OUTCOMES: Readonly<Record<string, Text>> = {
  ok: { zh: '有应答', en: 'answered' },
  unknown: { zh: '结果未知', en: 'outcome unknown' },
  unreachable: { zh: '连不上', en: 'unreachable' },
  rate_limited: { zh: '超过频率限制', en: 'rate limited' },
  gate_shut: { zh: '暂缓发送', en: 'held back' },
  merchant_config: { zh: '商户配置被拒', en: 'merchant refused' },
  asked: { zh: '已询问', en: 'asked' },
  closed: { zh: '已关闭', en: 'closed' },
  paid: { zh: '已支付', en: 'paid' },
  review: { zh: '待人工处理', en: 'in review' },
  extended: { zh: '已移动', en: 'moved' },
  not_open: { zh: '已不能移动', en: 'too late' },
  resolved: { zh: '已执行', en: 'done' },
  unconfirmed: { zh: '微信支付未确认', en: 'not confirmed' },
  not_applicable: { zh: '没有可决定的事', en: 'nothing to decide' },
  money_held: { zh: '还有款项', en: 'money is there' },
  not_allowed: { zh: '不允许', en: 'not allowed' },
  refused: { zh: '被拒绝', en: 'refused' },
  resent: { zh: '重新发送', en: 'sent again' },
  withdrawn: { zh: '已撤回', en: 'withdrawn' },
  signalled: { zh: '已送交', en: 'delivered' },
  duplicate: { zh: '早已入账', en: 'settled before' },
  verified: { zh: '已验签', en: 'verified' },
  unmatched: { zh: '没有对应订单', en: 'no such order' },
  superseded: { zh: '被后来的请求取代', en: 'replaced by a later one' },
  requested: { zh: '已登记', en: 'recorded' },
  repeated: { zh: '之前已登记', en: 'recorded before' },
  approval_pending: { zh: '等待另一个人批准', en: 'waits for an approval' },
  approved: { zh: '已批准', en: 'approved' },
  rejected: { zh: '已驳回', en: 'rejected' },
  own_approval: { zh: '不能由申请人决定', en: 'needs another person' },
  approval_final: { zh: '已有不同的决定', en: 'decided otherwise before' },
  refund_above_limit: { zh: '超过退款限额', en: 'above the limit' },
  delivered: { zh: '已送达', en: 'delivered' },
  again: { zh: '稍后再试', en: 'to be tried again' },
  joined: { zh: '并入先前的请求', en: 'joined an earlier one' },
  opened: { zh: '已下单', en: 'opened' },
  conflict: { zh: '单号冲突', en: 'number in use' },
  notPaid: { zh: '未支付', en: 'not paid' },
  refunded: { zh: '已转入退款', en: 'refunded' },
  notExist: { zh: '不存在', en: 'does not exist' },
  unrecognised: { zh: '无法识别', en: 'not recognised' },
  accepted: { zh: '已受理', en: 'accepted' },
  alreadyPaid: { zh: '已支付', en: 'paid already' },
  alreadyClosed: { zh: '早已关闭', en: 'closed already' },
  tooEarly: { zh: '尚不能关单', en: 'too early to close' },
  notEnough: { zh: '余额不足', en: 'balance too small' },
  found: { zh: '已找到', en: 'found' },
  timeout: { zh: '超时', en: 'timed out' },
  tls: { zh: '证书有误', en: 'bad certificate' },
  gone: { zh: '店铺不再接收', en: 'gone for good' },
  forbidden_address: { zh: '不允许的地址', en: 'forbidden address' },
};
