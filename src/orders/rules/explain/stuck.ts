import type { GatewayRefusal } from '../gateway-answer.js';
import { formatYuan } from '../../../base/money.js';
import type { RefundTrouble } from '../../../refunds/rules/states.js';
import type { ExplainFacts } from './facts.js';
import { refundFailed } from './refund-failed.js';
import { isDecided, review } from './review.js';
import { closeConfirmed } from './settled.js';
import type { Text } from '../../../actions/rules/decision.js';
import type { Situation } from './situation.js';

export function stuck(facts: ExplainFacts): Situation | undefined {
  switch (facts.stuckReason) {
    case null:
      return undefined;
    case 'stalled':
      return {
        waitingFor: 'rescue',
        next: { zh: '救援后从数据库继续', en: 'go on from Postgres once it is rescued' },
        actor: 'operator',
        acts: ['rescue', 'doctor'],
        zh: '订单（或它的退款）的工作流无法继续：它的任务反复失败，或者它绑定的版本已没有进程运行。款项与请求不会丢失，但在救援之前什么都不会发生。先修复原因，再执行 rescue：结束该次运行，订单从数据库继续。',
        en: 'The workflow of the order, or of one of its refunds, cannot go on: its task fails again and again, or it is bound to a build that nobody runs. No money and no request is lost, but nothing happens until it is rescued. Mend the cause, then rescue it: the run is ended, and the order goes on from Postgres.',
      };
    case 'merchant_config':
      return {
        waitingFor: 'merchant_config_repaired',
        next: { zh: '重复被拒绝的请求', en: 'repeat the refused call' },
        actor: 'operator',
        acts: ['doctor', 'recheck'],
        nextAtMs: facts.nextAtMs,
        zh: '微信支付拒绝了商户身份或权限（密钥、证书序列号、appid 绑定或产品权限）。请修复商户配置；系统每分钟内自动重试同一请求，修复后无需其他操作。',
        en: "WeChat Pay refuses the merchant's identity or rights (key, certificate serial, appid binding or product right). Repair the merchant's configuration; the same call is repeated at least once a minute and goes through by itself then.",
      };
    case 'gateway_unreachable':
      return unreachable(facts);
    case 'close_unconfirmed':
      return {
        ...closeConfirmed(facts),
        zh: '已请求微信支付关闭订单，但查询尚未显示 CLOSED。在确认之前付款人仍可能付款，所以订单不会标记为已关闭；系统会继续查询与关单。',
        en: 'WeChat Pay was asked to close the order, but a query does not say CLOSED yet. Until it does the payer could still pay, so the order is not marked closed; query and close are repeated.',
      };
    case 'not_written':
      return {
        waitingFor: 'written',
        next: { zh: '再次写入', en: 'write it again' },
        actor: 'operator',
        acts: ['doctor', 'recheck'],
        zh: '数据库拒绝写入系统已知的结果（约束、触发器或数据类型），因此此处显示的状态可能落后于微信支付。款项不会丢失；系统每 5 分钟内重试一次，原因排除后自动恢复。请把本页与 Temporal 中活动的失败信息（约束名）交给维护人员；修复后可复查，立即重试。',
        en: 'Postgres refuses to take what PaySaga knows (a constraint, a trigger, a type), so what is shown here may be behind WeChat Pay. No money is lost: it is tried again at least every 5 minutes and goes through by itself once the cause is gone. The activity in the Temporal UI names the rule that refuses; once it is repaired, a recheck tries at once.',
      };
    case 'review':
      return (isDecided(facts) ? stuck({ ...facts, stuckReason: stoppedBy(facts) }) : undefined) ?? review(facts);
    case 'merchant_balance':
      return {
        waitingFor: 'merchant_balance',
        next: { zh: '以同一退款单号重试', en: 'send the same refund again' },
        actor: 'operator',
        acts: ['recheck'],
        nextAtMs: facts.nextAtMs,
        zh: '商户余额不足，微信支付暂不受理退款。请充值；系统会自动以同一退款单号重试。',
        en: "The merchant's balance is too small for a refund. Top it up; the same refund is sent again by itself.",
      };
    case 'refund_failed':
      return refundFailed(facts);
    case 'shop_unreachable':
      return shopUnreachable(facts);
    case 'refunded_elsewhere':
      return {
        waitingFor: 'refund_explained',
        next: { zh: '由运营人员录入退款单号', en: 'an operator enters the number of the refund' },
        actor: 'operator',
        acts: ['external-refund', 'recheck'],
        zh: `微信支付显示这笔款项（${formatYuan(facts.paidFen)}）已有退款，但不是由本系统发起，查询也不返回金额。订单保持已支付。请在商户平台查到商户退款单号并录入；系统会向微信支付查询并记账，之后只退还剩余部分。`,
        en: `WeChat Pay says that this payment of ${formatYuan(facts.paidFen)} was refunded, not by PaySaga, and its query names no sum. The order stays paid. Find the refund at the merchant platform and enter its number: WeChat Pay is asked about it and it is booked, so that only the rest is ever given back.`,
      };
    default:
      return facts.stuckReason satisfies never;
  }
}

/** What keeps a refund from its end, of an order in which nothing else is left to decide. */
const stoppedBy = ({ refunds }: ExplainFacts): RefundTrouble | null =>
  refunds.find(({ trouble }) => trouble === 'merchant_balance' || trouble === 'merchant_config')?.trouble ?? null;

/** After an answer, though no usable one, the network is not to blame. */
function unreachable(facts: ExplainFacts): Situation {
  const said = unusable(facts);
  return {
    waitingFor: 'gateway_answer',
    next: { zh: '重复请求', en: 'repeat the call' },
    actor: said === null ? 'operator' : 'wechat',
    acts: ['doctor', 'hold', 'recheck'],
    nextAtMs: facts.nextAtMs,
    zh: `微信支付超过 3 分钟没有给出可用的应答。${said?.zh ?? '请检查网络与微信支付状态。'}系统至少每分钟重试一次，直到有应答；没有结果不等于失败，订单不会被关闭或丢失。`,
    en: `WeChat Pay has given no usable answer for more than 3 minutes. ${said?.en ?? 'Check the network and the state of WeChat Pay.'} The call is repeated at least once a minute, for as long as it takes; no answer is not a failure, and the order is neither closed nor lost.`,
  };
}

/** Without WeChat Pay's message, which is in one language and stands beside the card. */
const httpOf = ({ status, code }: GatewayRefusal): string => `HTTP ${status}${code === null ? '' : ` ${code}`}`;

function unusable({ lastAnswer, quiet }: ExplainFacts): Text | null {
  const gateway = lastAnswer?.gateway ?? null;
  if (gateway?.status === 429 || lastAnswer?.outcome === 'rate_limited' || quiet.length > 0) {
    const by = gateway === null ? { zh: '', en: '' } : { zh: `（${httpOf(gateway)}）`, en: ` (${httpOf(gateway)})` };
    return { zh: `最近一次是限流或繁忙${by.zh}。`, en: `Last it was a limit, or WeChat Pay is busy${by.en}.` };
  }
  if (lastAnswer?.outcome === 'gate_shut') {
    return { zh: '多次失败之后，系统暂缓请求。', en: 'After many failures PaySaga holds its calls back for a moment.' };
  }
  if (gateway === null) return null;
  const isUnread = gateway.status < 300;
  return isUnread
    ? {
        zh: `最近一次应答：${httpOf(gateway)}，但内容无法读懂或签名未能验证。`,
        en: `Its last answer was ${httpOf(gateway)}, which could not be read or verified.`,
      }
    : { zh: `最近一次应答：${httpOf(gateway)}。`, en: `Its last answer was ${httpOf(gateway)}.` };
}

const UNTELLABLE = {
  unheard: {
    zh: '多次尝试后仍无法通知店铺（或当时没有配置通知地址）。款项不会因此自动退回；请修复店铺的通知地址后重新发送事件。',
    en: 'The shop could not be told, or had no endpoint. No money goes back for that; repair its endpoint and send the event again.',
  },
  nowhere: {
    zh: '无法通知店铺：店铺没有配置通知地址，重新发送也无人接收。款项不会因此自动退回；配置通知地址并重启之后才能重新发送事件。',
    en: 'The shop could not be told: it has no endpoint, and sending again would reach nobody. No money goes back for that; the event can be sent again once it has an endpoint and the processes were restarted.',
  },
} as const;

function shopUnreachable(facts: ExplainFacts): Situation {
  const isOverdue = facts.fulfilment === 'overdue';
  const why = facts.hasEndpoint ? 'unheard' : 'nowhere';
  return {
    waitingFor: 'shop_told',
    next: { zh: '店铺恢复后重新发送事件', en: 'send the event again once the shop listens' },
    actor: isOverdue ? 'operator' : 'shop',
    acts: isOverdue ? ['resend', 'resolve-accept', 'resolve-return', 'recheck'] : ['resend', 'recheck'],
    nextAtMs: facts.untold[0]?.nextAtMs ?? null,
    zh: `${UNTELLABLE[why].zh}${isOverdue ? '发货期限也已过：由运营人员决定视为已发货（accept）或退款（return）。' : ''}`,
    en: `${UNTELLABLE[why].en}${isOverdue ? ' Its time to deliver is over as well: an operator decides to take the goods as delivered (accept) or to give the money back (return).' : ''}`,
  };
}

export function idle({ idleSinceMs }: ExplainFacts): Situation | undefined {
  if (idleSinceMs === null) return undefined;
  return {
    waitingFor: 'worker',
    next: { zh: '工作进程恢复后继续', en: 'go on once a worker runs' },
    actor: 'operator',
    acts: ['doctor', 'recheck'],
    zh: '早该向微信支付发出请求，但没有发出：工作进程没有运行，或无法连接 Temporal。款项不会丢失；恢复后会自动继续，也可以立即复查。',
    en: 'WeChat Pay should have been called long ago and was not: no worker runs, or Temporal cannot be reached. No money is lost; the order goes on by itself once they are back, and a recheck makes it look at once.',
  };
}
