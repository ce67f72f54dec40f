import type { Language } from '../../../base/language.js';

type Sentences = {
  readonly asksFirst: string;
  readonly nothingMoves: string;
  readonly recheck: string;
  readonly rescue: string;
  readonly close: (amount: string) => string;
  readonly paymentWins: string;
  readonly deadline: (from: string, to: string) => string;
  readonly deadlineNow: string;
  readonly extend: (from: string) => string;
  readonly codeEnds: string;
  readonly accept: (money: string, amount: string) => string;
  readonly acceptOne: (money: string, amount: string) => string;
  readonly acceptLeft: (back: string, left: string) => string;
  readonly acceptDelivered: (money: string) => string;
  readonly leave: string;
  readonly giveBack: (money: string) => string;
  readonly endsReturned: string;
  readonly staysPaid: string;
  readonly staysClosed: string;
  readonly dismiss: string;
  readonly dismissConfirmed: string;
  readonly dismissUnknown: (left: string) => string;
  readonly dismissEvidence: string;
  readonly refund: (rest: string) => string;
  readonly refundOnce: string;
  readonly external: string;
  readonly externalLess: string;
  readonly abnormalRefund: (money: string) => string;
  readonly thenYouPay: string;
  readonly paidOffline: (money: string) => string;
  readonly onlyAfter: string;
  readonly reissue: (money: string, next: string) => string;
  readonly resend: (type: string) => string;
  readonly resendKnown: string;
  readonly redrive: string;
  readonly redriveAgain: string;
  readonly redriveSettled: string;
};

const zh: Sentences = {
  asksFirst: '执行前会先询问微信支付；没有得到确认就不会执行。',
  nothingMoves: '这不会动用任何款项。',
  rescue: '结束无法继续的运行，订单从数据库继续；已知的款项与请求都不会丢失。',
  recheck:
    'PaySaga 会再次向微信支付询问这个订单所有未定的款项和退款。查到的款项按规则处理：该入账的入账，多余的按订单策略处理。',
  close: (amount) => `PaySaga 会查询、关单、再查询。之后付款人不能再支付这 ${amount}。`,
  paymentWins: '如果付款人在此期间付了款，以付款为准，订单变为已支付。',
  deadline: (from, to) => `截止时间从 ${from} 移到 ${to}（北京时间）。`,
  deadlineNow: '原来的截止时间已过，订单会马上开始关闭。',
  extend: (from) => `移动 PaySaga 的截止时间，现在是 ${from}（北京时间）。`,
  codeEnds: '付款人手上的二维码在微信支付的有效期不变，可能更早失效；店铺可以发起新的支付尝试。',
  accept: (money, amount) => `订单变为已支付，入账 ${money}（订单金额 ${amount}）。`,
  acceptOne: (money, amount) =>
    `订单用微信支付确认的其中一笔款项变为已支付，其余款项自动退回。现有 ${money}，订单金额 ${amount}。`,
  acceptLeft: (back, left) => `其中 ${back} 已退回或正在退回，还有 ${left}。`,
  acceptDelivered: (money) => `视为已经发货，${money} 归店铺，不退款。`,
  leave: '剩下的问题由人工在 PaySaga 之外处理，订单不再提示卡住。',
  giveBack: (money) => `${money} 原路退回给付款人。`,
  endsReturned: '退款登记后订单结束为已关闭（款项已退回）。',
  staysPaid: '订单保持已支付。',
  staysClosed: '订单保持已关闭。',
  dismiss: '订单在没有入账的情况下结束；还能支付的尝试会先在微信支付关闭。',
  dismissConfirmed: '只有当微信支付那里没有款项，或显示款项在别处退过时才会执行。',
  dismissUnknown: (left) =>
    `退了多少微信支付没有说：这里不知道的部分最多 ${left}，可能仍在商户处，关闭后由您自己处理。订单以已取消结束，不表示款项已退回。`,
  dismissEvidence: '没有得到查询确认的通知不再追查。',
  refund: (rest) => `您输入的金额马上冻结，然后请微信支付原路退回给付款人。最多可退 ${rest}。`,
  refundOnce: '同一退款单号只会退一次。',
  external: '按微信支付查询到的金额和状态，把在商户平台或其他系统做的退款记到这个订单。',
  externalLess: '之后可退的金额相应减少；系统自己的退款如因此被拒，会自动就剩余部分重新发起。',
  abnormalRefund: (money) => `请微信支付把 ${money} 退到商户自己的银行卡。`,
  thenYouPay: '之后需要您自己把款项付给付款人。',
  paidOffline: (money) =>
    `记录为 ${money} 已在微信支付之外退给付款人，退款结束为已退款（线下）。PaySaga 不会转任何款项。`,
  onlyAfter: '请只在真正付给付款人之后这样做。',
  reissue: (money, next) => `用新的退款单号 ${next} 再次把 ${money} 原路退回给付款人。`,
  resend: (type) => `以同一事件编号重新向店铺发送 ${type}，从投递计划的开头开始。`,
  resendKnown: '店铺如果之前收到过，会再收到一次，可凭事件编号识别。',
  redrive: '把这条通知再次送交它所属的订单或退款。',
  redriveAgain: '由本版本重新读取这条通知；如果现在已支持，就送交它所属的订单或退款。',
  redriveSettled: '已经入账的款项不会有任何变化。',
};

const en: Sentences = {
  asksFirst: 'WeChat Pay is asked first, and nothing is done unless it confirms.',
  nothingMoves: 'This moves no money.',
  rescue:
    'The run that cannot go on is ended, and the order goes on from Postgres. Nothing that is known or was asked for is lost.',
  recheck:
    'PaySaga asks WeChat Pay again about all of this order that is not settled, and about its refunds under way. Money that is found is handled as always: booked where it belongs, anything else by the policy of the order.',
  close: (amount) => `PaySaga asks, closes, and asks again. After that nobody can pay these ${amount}.`,
  paymentWins: 'If the payer pays meanwhile, the payment wins and the order becomes paid.',
  deadline: (from, to) => `The deadline moves from ${from} to ${to} (Beijing time).`,
  deadlineNow: 'The first deadline is over, so the order begins to close at once.',
  extend: (from) => `Moves PaySaga's deadline, which is ${from} (Beijing time).`,
  codeEnds:
    'The code that the payer has keeps its time at WeChat Pay and may end sooner; the shop can open another attempt.',
  accept: (money, amount) => `The order becomes paid with ${money} (it costs ${amount}).`,
  acceptOne: (money, amount) =>
    `The order becomes paid with one of the payments that WeChat Pay confirms; the others go back. There is ${money}, and it costs ${amount}.`,
  acceptLeft: (back, left) => `${back} of it went back or is on its way, which leaves ${left}.`,
  acceptDelivered: (money) => `The goods count as delivered; ${money} stay with the shop.`,
  leave: 'What is left over is for a person to take care of outside PaySaga; the order no longer shows as stuck.',
  giveBack: (money) => `${money} go back to the payer, the way they came.`,
  endsReturned: 'Once its refund is recorded the order ends as closed (money returned).',
  staysPaid: 'The order stays paid.',
  staysClosed: 'The order stays closed.',
  dismiss: 'The order ends without money; whatever could still be paid is closed at WeChat Pay first.',
  dismissConfirmed: 'Done only if WeChat Pay holds no money of it, or says that it was refunded elsewhere.',
  dismissUnknown: (left) =>
    `WeChat Pay does not say how much went back: up to ${left} may still be with the merchant, and is yours to settle after that. The order ends as cancelled; nothing says that its money was returned.`,
  dismissEvidence: 'The notify that no query confirmed is not looked into any more.',
  refund: (rest) =>
    `What you enter is held at once, and WeChat Pay is asked to send it back to the payer. At most ${rest} can go back.`,
  refundOnce: 'One refund number is refunded once.',
  external:
    'A refund made in the merchant platform or by another system is booked at this order, with the sum and state that WeChat Pay tells.',
  externalLess:
    'That much less can go back from here. A refund of PaySaga that was refused because of it is issued again over the rest.',
  abnormalRefund: (money) => `WeChat Pay is asked to send ${money} to the merchant's own bank card.`,
  thenYouPay: 'From there you pay the payer yourself.',
  paidOffline: (money) =>
    `Records that ${money} were paid back outside WeChat Pay; the refund ends as refunded (offline). PaySaga sends no money.`,
  onlyAfter: 'Do this only after the payer really has the money.',
  reissue: (money, next) => `${money} go back to the payer under a new refund number, ${next}.`,
  resend: (type) => `${type} is sent to the shop again under the same event id, from the beginning of the schedule.`,
  resendKnown: 'A shop that heard it before hears it once more and can tell by the id.',
  redrive: 'The order or refund that this notify is about is told again what it says.',
  redriveAgain:
    'This version reads the notify again. If it handles it by now, the order or refund is told what it says.',
  redriveSettled: 'Money that is settled stays as it is.',
};

export const EFFECTS: Readonly<Record<Language, Sentences>> = { zh, en };
