import { describe, expect, it } from 'vitest';
import { zonedTime } from '../../../src/base/time.js';
import { explainOrder, type Explanation } from '../../../src/orders/rules/explain/explain.js';
import type { ExplainInput } from '../../../src/orders/rules/explain/row-facts.js';
import { possibleDecisions } from '../../../src/decisions/rules/decisions.js';
import { standingOf } from '../../../src/orders/rules/standing.js';
import { deadlineAfter } from '../../../src/orders/rules/requests.js';
import { decided, resolveRequested } from '../../../src/orders/rules/resolve.js';
import { isUnsettled, paymentOf } from '../../../src/orders/rules/attempt.js';
import {
  endingOf,
  isPayable,
  reviewReasonOf,
  takesNoMoney,
  withAttempt,
  withPayment,
  type OrderState,
} from '../../../src/orders/rules/state.js';
import type { AttemptRecord, EvidenceRecord } from '../../../src/orders/rules/record.js';
import { isFinal, isWaiting, RESOLVE_ACTIONS } from '../../../src/orders/rules/states.js';
import { CHARGE_LASTS_MS } from '../../../src/orders/rules/schedules.js';
import { needsRepair } from '../../../src/orders/rules/trouble.js';
import type { RefundRecord } from '../../../src/refunds/rules/record.js';
import { REFUND_RESOLVE_ACTIONS, isRefundFinal, isReleased } from '../../../src/refunds/rules/states.js';
import { refundOf, storedRefund } from '../../../src/refunds/rules/state.js';
import { refundTransition } from '../../../src/refunds/rules/transition.js';
import { formatYuan } from '../../../src/base/money.js';
import { APPID, ORDER_NO } from './fixtures.js';
import { CARD_COMMANDS, CARD_WAITS, inputs, NOW } from './situations.js';
import { flat } from './flat.js';
import { flatRefund } from '../../refunds/rules/flat.js';

type Walked = {
  readonly input: ExplainInput;
  readonly card: Explanation;
  readonly state: OrderState;
};

type Check = { readonly among?: (walked: Walked) => boolean; readonly isRight: (walked: Walked) => boolean };

/** Names the first few that are wrong, with what they say. */
function walk(checks: Readonly<Record<string, Check>>) {
  const [commands, waits] = [new Set<string>(), new Set<string>()];
  const found = new Map(Object.keys(checks).map((name) => [name, { met: 0, wrong: new Array<unknown>() }]));
  for (const input of inputs()) {
    const card = explainOrder(input);
    const walked = { input, card, state: standingOf(input.order) };
    for (const command of card.commands) commands.add(command);
    if (input.order.stuckReason === null) waits.add(card.waitingFor);
    for (const [name, { among, isRight }] of Object.entries(checks)) {
      const of = found.get(name);
      if (of === undefined || among?.(walked) === false) continue;
      of.met += 1;
      if (of.wrong.length < 2 && !isRight(walked)) of.wrong.push(shown(walked));
    }
  }
  return { found, commands, waits };
}

function shown({ input: { order, events, asked }, card }: Walked) {
  const { state, ending, reviewReason, stuckReason, ownStuckReason, fulfilment, refunds } = order;
  const reasons = { state, ending, reviewReason, stuckReason, ownStuckReason, fulfilment };
  return JSON.stringify({
    ...{ card, reasons, attempts: order.attempts.map((it) => it.state) },
    ...{ refunds: refunds.map((it) => [it.cause, it.state, it.trouble]), events: events.map((it) => it.status), asked },
  });
}

/** Something is not over yet, whoever it is that has to act. */
function isPending({ order, events, evidence, asked = [], hasEndpoint = true }: ExplainInput): boolean {
  const { refunds } = order;
  return (
    isWaiting(order.state) ||
    order.state === 'review' ||
    order.stuckReason !== null ||
    order.fulfilment === 'pending' ||
    asked.some(({ action }) => isToCome(order, action)) ||
    order.attempts.some(({ state }) => state === 'open' || state === 'preparing') ||
    refunds.some((refund) => !isRefundFinal(refund.state) || needsRepair(refund, refunds)) ||
    events.some(({ status }) => (status === 'pending' && hasEndpoint) || status === 'exhausted') ||
    claimOf({ order, evidence }) !== undefined ||
    isInVain(order)
  );
}

/** A notify's word that no query has confirmed, of an order that is not over, or whose workflow still asks. */
function claimOf({ order, evidence }: Pick<ExplainInput, 'order' | 'evidence'>): EvidenceRecord | undefined {
  const isAsking = !isFinal(order.state) || order.dueAt !== null || order.stuckReason !== null;
  return isAsking ? evidence.find(({ source }) => source === 'notify') : undefined;
}

/** What the shop asked for came to nothing, and money is left to give back. */
const isInVain = ({ paidAttempt, refunds }: ExplainInput['order']): boolean =>
  paidAttempt !== null && refunds.some(({ cause, state }) => cause === 'shop' && isReleased(state));

/** What is reserved and not back: what WeChat Pay refuses for now, or cannot bring to the payer, and what is under way. */
function goingBack({ refunds }: ExplainInput['order']): { readonly stoppedFen: number; readonly returningFen: number } {
  const reserved = refunds.filter(({ state }) => state === 'abnormal' || !isRefundFinal(state));
  const sum = (of: readonly RefundRecord[]) => of.reduce((total, { amountFen }) => total + amountFen, 0);
  const isStopped = ({ state, trouble }: RefundRecord): boolean =>
    state === 'abnormal' ||
    ['merchant_balance', 'refund_failed'].includes(trouble ?? '') ||
    (state === 'requested' && trouble === 'merchant_config');
  const stoppedFen = sum(reserved.filter(isStopped));
  return { stoppedFen, returningFen: sum(reserved) - stoppedFen };
}

/** Somebody is told to do something. */
const TELLS =
  /[Pp]ay the payer|Check the network|Top it up|Repair the|Mend the cause|[Cc]ompare |its number:|should look|can ask again|An operator should/;
const ON_THE_WAY = /¥(\d\.\d\d) is on its way back/g;

/** Of what was asked and is done, or can no longer be done, there is nothing to wait for. */
function isToCome({ state, fulfilment }: ExplainInput['order'], action: string): boolean {
  const isOpenByAction: Readonly<Record<string, boolean>> = {
    close: state === 'creating' || state === 'awaitingPayment',
    hold: state === 'creating' || state === 'awaitingPayment',
    fulfilment: fulfilment === 'none' || fulfilment === 'pending',
  };
  return isOpenByAction[action] ?? true;
}

const asked = ({ input: { order, asked: requests = [] } }: Walked, isOpen: boolean): string[] =>
  requests.map(({ action }) => action).filter((action) => isToCome(order, action) === isOpen);

const NO_MONEY = { paidFen: 0, refundedFen: 0, refundingFen: 0 };
const hole = /undefined|null|NaN|Invalid|\[object/;
const isUntold = ({ input: { events, hasEndpoint = true } }: Walked): boolean =>
  hasEndpoint && events.some(({ status }) => status === 'pending');
const isOver = ({ waitingFor }: Explanation): boolean => waitingFor === 'nothing';
const isOpenRefused = ({ state, gateway }: AttemptRecord): boolean => state === 'open' && gateway !== null;
const readable = (at: Date | null | undefined): string => (at == null ? '' : zonedTime(at));

const FOR_OPERATORS = ['operator_decision', 'refund_repaired', 'worker', 'written', 'refund_explained', 'rescue'];

/** What an order waits for whose last attempt is this payer's code. */
function waitingOf(last: AttemptRecord | undefined, isEnding: boolean): string {
  if (last?.prepayStartedAt == null || last.state === 'failed') {
    if (isEnding) return 'close_confirmed';
    return last?.state === 'failed' ? 'new_attempt' : 'charge';
  }
  const isLate = NOW.getTime() - last.prepayStartedAt.getTime() > CHARGE_LASTS_MS;
  if (isEnding || isLate || last.reversing) return 'reverse_confirmed';
  return last.state === 'open' ? 'payer_password' : 'charge_known';
}

/** A charge is reversed in place of a close. */
const CLOSING = ['close_confirmed', 'reverse_confirmed'];

/** What hides everything else, with what ends it. */
const OUTRANKING: Readonly<Record<string, { readonly waitingFor: string; readonly verb: string }>> = {
  stalled: { waitingFor: 'rescue', verb: 'paysaga rescue ' },
  not_written: { waitingFor: 'written', verb: 'paysaga doctor' },
  refunded_elsewhere: { waitingFor: 'refund_explained', verb: 'paysaga refund external ' },
};

const ASKED_FOR: Readonly<Record<string, string>> = { fulfilment: 'take the fulfilment', hold: 'hold the order' };

const CHECKS: Readonly<Record<string, Check>> = {
  'says a sentence in both languages, without a hole': {
    isRight: ({ card: { text, nextStep, nextStepZh, waitingFor } }) =>
      /\p{Script=Han}/u.test(text.zh) &&
      /^[\x20-\x7e¥]+$/.test(text.en) &&
      /\p{Script=Han}/u.test(nextStepZh) &&
      ![text.zh, text.en, nextStep, nextStepZh, waitingFor].some((it) => it === '' || hole.test(it)),
  },
  'says "nothing, nobody", and names no command, exactly when nothing is pending': {
    isRight: ({ input, card }) =>
      isOver(card) === !isPending(input) &&
      isOver(card) === (card.actor === 'nobody') &&
      isOver(card) === (card.commands.length === 0),
  },
  'names a command beside how to see everything': {
    among: ({ card }) => !isOver(card),
    isRight: ({ card }) => card.commands.length > 1,
  },
  'names no reason of its own, and ends with how to see everything': {
    among: ({ card }) => !isOver(card),
    isRight: ({ card: { commands } }) =>
      commands.every((command) => /^paysaga (doctor$|show |.* --reason ''$)/.test(command)) &&
      commands.at(-1) === 'paysaga show A-10001 --mchid 1900000001',
  },
  'names only commands that work': {
    isRight: (walked) => walked.card.commands.every((command) => works(walked, command)),
  },
  'tells of a shop that does not know, with the next try, and how to try now': {
    among: isUntold,
    isRight: ({ card, input: { events } }) => {
      const nextAt = events[0]?.nextAt;
      const isSaid =
        card.waitingFor === 'shop_told'
          ? nextAt == null || card.nextAt === nextAt.toISOString()
          : card.text.en.includes('has not been told yet (order.paid)') && card.text.en.includes(readable(nextAt));
      return isSaid && card.commands.some((it) => it.includes('events resend'));
    },
  },
  'says that an order is being closed, and offers neither to pay it nor more time': {
    among: ({ state }) => endingOf(state) !== null,
    isRight: ({ card }) =>
      card.waitingFor !== 'payment' &&
      (CLOSING.includes(card.waitingFor) || card.text.en.includes('being closed')) &&
      !card.commands.some((it) => /paysaga (hold|close) /.test(it)),
  },
  'says that another attempt is being closed': {
    among: ({ state }) => endingOf(state) === null && takesNoMoney(state) && state.attempts.some(isUnsettled),
    isRight: ({ card }) => card.text.en.includes('being closed') || card.waitingFor === 'close_confirmed',
  },
  'says of money on its way back how much, and of no sum both that and that it is held': {
    among: ({ input: { order } }) => order.attempts.some(({ refundingFen }) => refundingFen > 0),
    isRight: ({ input: { order }, card: { text } }) => {
      const { stoppedFen, returningFen } = goingBack(order);
      const [stopped, returning] = [formatYuan(stoppedFen), formatYuan(returningFen)];
      return (
        text.en.includes(`${stopped} that is to go back has not left`) === stoppedFen > 0 &&
        text.zh.includes(`应退的 ${stopped} 尚未退出`) === stoppedFen > 0 &&
        [...text.en.matchAll(ON_THE_WAY)].map(([, sum]) => `¥${sum}`).join() === (returningFen > 0 ? returning : '') &&
        new RegExp(`${returning} 正在退回|正在退回 ${returning}`).test(text.zh) === returningFen > 0
      );
    },
  },
  'says of money that WeChat Pay has not taken yet that it has not left': {
    among: ({ input: { order }, card }) =>
      order.stuckReason !== 'stalled' &&
      order.refunds.some(({ state }) => state === 'requested') &&
      [...card.text.en.matchAll(ON_THE_WAY)].length > 0,
    isRight: ({ input: { order }, card: { text } }) => {
      const isUnsent = order.refunds.some(
        ({ state, trouble }) => state === 'requested' && trouble !== 'merchant_balance',
      );
      return (
        /¥4\.00 of it has not left yet/.test(text.en) === isUnsent && text.zh.includes('¥4.00 尚未离开') === isUnsent
      );
    },
  },
  'says, whatever else it says, that a notify speaks of money that no query has confirmed, and how much': {
    among: ({ input }) => claimOf(input) !== undefined,
    isRight: ({ card: { text } }) =>
      text.en.includes('A notify says that ¥7.00 was paid') && text.zh.includes('有通知显示已支付 ¥7.00'),
  },
  'blames the network only where nobody answered, and says what was answered, and how long a limit holds': {
    among: ({ card }) => card.waitingFor === 'gateway_answer',
    isRight: ({ input: { lastCall, quiet = [] }, card: { text, actor } }) => {
      const status = lastCall?.gateway?.status ?? null;
      const isNetwork = /network/.test(text.en) && text.zh.includes('网络') && actor === 'operator';
      if (status === null) return isNetwork;
      const until = `until ${readable(quiet[0]?.until)}`;
      const isUnread = text.en.includes('could not be read or verified') && text.zh.includes('无法读懂');
      const isSaid = text.en.includes(`${status}`) && text.zh.includes(`${status}`) && isUnread === (status === 200);
      return isSaid && !/network|网络/.test(text.en + text.zh) && (status !== 429 || text.en.includes(until));
    },
  },
  'says of a shop without an endpoint from the first moment that it has none, and of no other': {
    among: ({ input: { events } }) => events.some(({ status }) => status === 'pending' || status === 'unaddressed'),
    isRight: ({ input: { hasEndpoint = true, events }, card: { text, waitingFor } }) => {
      const isSaid = /no endpoint/.test(text.en) && text.zh.includes('没有配置通知地址');
      const isBlamed = text.en.includes('2xx') || text.zh.includes('2xx');
      if (waitingFor === 'shop_told' && text.en.includes('could not be told')) return !isBlamed;
      return isSaid === !hasEndpoint && (!isBlamed || (hasEndpoint && events.every(({ tries }) => tries > 0)));
    },
  },
  'names as the actor somebody who is told to do something, if anybody is': {
    among: ({ card: { text } }) => TELLS.test(text.en),
    isRight: ({ card: { actor } }) => actor === 'operator' || actor === 'shop',
  },
  'leaves a refund of the shop that came to nothing to the shop, where nothing else is to do': {
    among: ({ card }) => card.waitingFor === 'shop_refund',
    isRight: ({ input: { order }, card: { actor, text } }) =>
      actor === 'shop' && isInVain(order) && /\b(it|shop) can ask again|The shop has to/.test(text.en),
  },
  'leaves a close that WeChat Pay refuses to an operator': {
    among: ({ input: { order }, state, card }) =>
      card.waitingFor === 'close_confirmed' &&
      (endingOf(state) !== null || takesNoMoney(state)) &&
      order.attempts.some(isOpenRefused),
    isRight: ({ card: { actor, text } }) => actor === 'operator' && text.en.includes('PARAM_ERROR'),
  },
  'never takes what is known to be refunded elsewhere for all of it, while there may be more': {
    among: ({ input: { order } }) =>
      order.attempts.some(({ paidFen, refundedFen }) => refundedFen < paidFen) &&
      order.refunds.some(({ cause, state }) => cause === 'external' && !isReleased(state)) &&
      order.stuckReason !== 'refunded_elsewhere',
    isRight: ({ card: { text } }) =>
      /[Aa]t least ¥4\.00/.test(text.en) &&
      text.en.includes('refund external') &&
      /至少[^，。]*¥4\.00/.test(text.zh) &&
      text.zh.includes('refund external'),
  },
  'says of what somebody asked that it was asked': {
    among: (walked) => asked(walked, true).length > 0,
    isRight: (walked) =>
      asked(walked, true).every((action) =>
        action === 'close'
          ? CLOSING.includes(walked.card.waitingFor) || /being closed|asked to close/.test(walked.card.text.en)
          : walked.card.text.en.includes(`somebody asked to ${ASKED_FOR[action]}`),
      ),
  },
  'says nothing of what was asked and is over': {
    among: (walked) => asked(walked, false).length > 0,
    isRight: ({ card }) => !card.text.en.includes('somebody asked') && !card.text.zh.includes('有人于'),
  },
  'says what differs': {
    among: ({ input: { evidence }, card }) =>
      evidence.some((it) => it.transactionId === '42') && card.waitingFor === 'operator_decision',
    isRight: ({ card }) =>
      card.text.en.includes(
        `What differs: the appid is wx-other, expected ${APPID}; the amount is ¥9.00, expected ¥12.00`,
      ),
  },
  "says of somebody else's trade which it is, with its sum, and takes no difference of it for one of the order's": {
    among: ({ input: { order }, card }) =>
      order.attempts.some(({ foreign }) => foreign) && ['operator_decision', 'nothing'].includes(card.waitingFor),
    isRight: ({ input: { order }, card: { text } }) =>
      order.attempts.every(
        ({ foreign, outTradeNo }) =>
          !foreign || (text.en.includes(`${outTradeNo} (¥7.77)`) && text.zh.includes(`${outTradeNo}（¥7.77）`)),
      ) &&
      !/What differs.*¥7\.77/.test(text.en) &&
      !text.en.includes('a query shows no trade'),
  },
  "says of the order's own money beside somebody else's where it is and how much, and decides about that": {
    among: ({ input: { order }, card }) =>
      order.reviewReason === 'number_in_use' &&
      card.waitingFor === 'operator_decision' &&
      order.attempts.some(({ paidFen }) => paidFen > 0),
    isRight: ({ input: { order }, card: { text, commands } }) => {
      const [{ outTradeNo, paidFen } = { outTradeNo: '', paidFen: 0 }] = order.attempts;
      const said = `under ${outTradeNo}: ${formatYuan(paidFen)}`;
      return text.en.includes(said) && /resolve A-10001 (accept|return)/.test(commands[0] ?? '');
    },
  },
  'names first what ends a review, but where a query may, or more has to be known': {
    among: ({ input: { order }, card }) =>
      card.waitingFor === 'operator_decision' && order.reviewReason !== 'refunded_elsewhere',
    isRight: ({ input: { order }, card: { commands } }) => {
      const mayConfirm = order.reviewReason === 'evidence_conflict';
      return mayConfirm
        ? commands[0]?.startsWith('paysaga recheck') === true
        : commands[0]?.startsWith('paysaga resolve') === true;
    },
  },
  'says with what WeChat Pay refused what is being closed, or never got a code': {
    among: ({ input: { order }, state }) =>
      (endingOf(state) !== null && state.attempts.some(isUnsettled)) ||
      order.state === 'creating' ||
      order.closedReason === 'rejected',
    isRight: ({ card: { text } }) =>
      /last refused A-10001(\*2)? with PARAM_ERROR/.test(text.en) && text.zh.includes('PARAM_ERROR'),
  },
  'says nothing of refusals that are over': {
    among: ({ card }) => card.waitingFor === 'payment' || card.waitingFor === 'fulfilment',
    isRight: ({ input: { order }, card: { text } }) =>
      takesNoMoney(standingOf(order)) || !text.en.includes('last refused'),
  },
  'says of a refund of the shop that came to nothing that it did, and why': {
    among: ({ input: { order } }) =>
      order.paidAttempt !== null && order.refunds.some(({ cause, state }) => cause === 'shop' && isReleased(state)),
    isRight: ({ input: { order }, card: { text } }) =>
      order.refunds.every(({ state }) =>
        state === 'closed'
          ? text.en.includes("closed the shop's refund R-1 of ¥4.00.") && text.zh.includes('被微信支付关闭')
          : text.en.includes("refused the shop's refund R-1 of ¥4.00 (USER_ACCOUNT_ABNORMAL): the payer's account") &&
            text.zh.includes('请店铺在线下退给付款人'),
      ),
  },
  "offers to take a refund of PaySaga's own as paid offline before it would be refused again": {
    among: ({ input: { order }, card }) =>
      card.waitingFor === 'refund_repaired' &&
      order.refunds.some((it) => it.cause === 'late_payment' && it.state === 'rejected' && it.gateway !== null),
    isRight: ({ card: { text, commands } }) => {
      const [first, ...rest] = commands.filter((it) => it.includes('refund resolve'));
      return (
        first?.includes('paidOffline') === true &&
        rest.at(-1)?.includes('reissue') === true &&
        /paidOffline/.test(text.en)
      );
    },
  },
  'says of a refund made elsewhere what is known of the money, and offers no decision that could not be made': {
    among: ({ input: { order }, card }) =>
      order.reviewReason === 'refunded_elsewhere' && card.waitingFor === 'operator_decision',
    isRight: ({ input: { order }, card: { text, commands } }) => {
      const [{ paidFen, refundedFen, refundingFen } = NO_MONEY] = order.attempts;
      const backFen = refundedFen + refundingFen;
      const decisions = commands.flatMap((it) => /resolve A-10001 (\w+)/.exec(it)?.[1] ?? []);
      const isFirst = commands[0]?.includes('refund external') === true && commands[1]?.includes('recheck') === true;
      const isSaid = [paidFen, ...(backFen > 0 ? [backFen, paidFen - backFen] : [])].every(
        (sum) => text.en.includes(formatYuan(sum)) && text.zh.includes(formatYuan(sum)),
      );
      return isFirst && isSaid && decisions.join() === (backFen > 0 ? 'accept,return' : 'close');
    },
  },
  'threatens nobody with a deadline whose answer is already there': {
    among: ({ input, card }) =>
      input.order.fulfilment === 'pending' &&
      input.order.stuckReason === null &&
      (input.asked ?? []).some(({ action }) => action === 'fulfilment') &&
      card.waitingFor !== 'worker',
    isRight: ({ card }) => card.actor !== 'shop' && !card.nextStep.includes('money back'),
  },
  'says of a charge what is known of it, and of what is planned no time that is over': {
    among: ({ input: { order }, card }) =>
      isWaiting(order.state) &&
      order.stuckReason === null &&
      order.attempts.at(-1)?.product === 'codeScan' &&
      card.waitingFor !== 'payment_confirmed',
    isRight: ({ input: { order }, card: { waitingFor, nextAt }, state }) => {
      const isOver = nextAt !== null && Date.parse(nextAt) < NOW.getTime();
      return !isOver && waitingFor === waitingOf(order.attempts.at(-1), endingOf(state) !== null);
    },
  },
  'knows who can act': {
    isRight: ({ input: { order }, card, state }) => {
      if (order.stuckReason === 'merchant_config' || order.stuckReason === 'merchant_balance') {
        return card.actor === 'operator';
      }
      if (FOR_OPERATORS.includes(card.waitingFor)) return card.actor === 'operator';
      if (card.waitingFor === 'payment' || card.waitingFor === 'payer_password')
        return card.actor === 'payer' && isPayable(state);
      if (card.waitingFor === 'fulfilment') return card.actor === 'shop';
      return card.actor !== 'payer';
    },
  },
  'names first what ends a stuck reason that only an operator ends': {
    among: ({ input: { order }, card, state }) =>
      order.stuckReason !== null &&
      order.stuckReason in OUTRANKING &&
      card.waitingFor !== 'worker' &&
      endingOf(state) === null,
    isRight: ({ input: { order }, card }) => {
      const { waitingFor, verb } = OUTRANKING[order.stuckReason ?? ''] ?? {};
      return card.waitingFor === waitingFor && card.commands[0]?.startsWith(verb ?? '-') === true;
    },
  },
  'asks a person to decide only what can be decided': {
    among: ({ card }) => card.waitingFor === 'operator_decision',
    isRight: ({ state }) =>
      possibleDecisions({ order: state, row: null, nowMs: NOW.getTime() }).some((name) => name.startsWith('resolve-')),
  },
};

describe('over every combination of what may be pending, a card', () => {
  const { found, commands, waits } = walk(CHECKS);

  it.each(Object.keys(CHECKS))('%s', (name) => {
    expect(found.get(name)?.wrong).toEqual([]);
    expect(found.get(name)?.met).toBeGreaterThan(10);
  });

  it('names commands, and waits for things, that other tests know all of', () => {
    expect([...commands].toSorted()).toEqual(CARD_COMMANDS.toSorted());
    expect([...waits].toSorted()).toEqual(CARD_WAITS.toSorted());
  });
});

/** As the order, the refund or the event itself would judge what is asked. */
function works({ input: { order, events, hasEndpoint = true }, state }: Walked, command: string): boolean {
  const [, verb = '', first = '', second = '', third = ''] = command.replaceAll("'", '').split(' ');
  switch (verb) {
    case 'show':
    case 'doctor':
    case 'recheck':
      return true;
    case 'rescue':
      return order.stuckReason === 'stalled';
    case 'close':
      return isPayable(state);
    case 'hold':
      return isPayable(state) && (deadlineAfter(order, { action: 'hold' }, NOW) ?? NOW) > order.expiresAt;
    case 'events':
      return (
        first === 'resend' && hasEndpoint && events.some(({ id, status }) => id === second && status !== 'withdrawn')
      );
    case 'resolve': {
      const action = RESOLVE_ACTIONS.find((it) => it === second);
      return action !== undefined && isTaken(state, action);
    }
    case 'refund': {
      if (first === 'external') {
        return second === ORDER_NO && order.attempts.some(({ paidFen, refundedFen }) => refundedFen < paidFen);
      }
      const action = REFUND_RESOLVE_ACTIONS.find((it) => it === third);
      const refund = order.refunds.find(({ outRefundNo }) => outRefundNo === second);
      if (action === undefined || refund === undefined) return false;
      const asked = refundTransition(
        refundOf(storedRefund(refund, [])),
        { type: 'resolveRequested', action },
        NOW.getTime(),
      );
      return flatRefund(asked).resolving === action;
    }
    default:
      return false;
  }
}

/** Should WeChat Pay say again what it said last: that the money is there, or, while no refund of it is known, that it went back. */
const isTaken = (state: Walked['state'], action: (typeof RESOLVE_ACTIONS)[number]): boolean => {
  const isBack =
    reviewReasonOf(state) === 'refunded_elsewhere' && state.attempts.every((it) => (paymentOf(it)?.backFen ?? 0) === 0);
  const confirmed = isBack ? 'refunded' : 'paid';
  const asked = resolveRequested(state, action);
  const answered = asked.attempts.reduce((folded, { outTradeNo, ask }) => {
    if (ask?.why !== 'resolve') return folded;
    return withPayment(withAttempt(folded, outTradeNo, { ask: null }), outTradeNo, { confirmed });
  }, asked);
  return flat(decided(answered)).resolution === 'resolved';
};
