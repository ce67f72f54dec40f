import type { Product } from '../orders/rules/product.js';
import type { Language } from '../base/language.js';
import type { PayerStatus } from './payer-view.js';

/** What a press on "I have paid" came to, when it was not paid. */
export const SYNC_ANSWERS = ['unseen', 'later', 'unavailable'] as const;
export type SyncAnswer = (typeof SYNC_ANSWERS)[number];

export type Notice = 'not_found' | 'gone' | 'unavailable' | 'failed';

type Saying = { readonly title: string; readonly body: string };

const zh = {
  htmlLang: 'zh-CN',
  switchLabel: '中文',
  title: '微信支付',
  amountDue: '应付金额',
  amountPaid: '付款金额',
  orderNo: '订单号',
  skip: '跳到付款内容',
  status: {
    creating: '正在准备付款',
    stuck: '暂时无法付款',
    awaiting: '等待付款',
    confirming: '付款时间已到，正在确认',
    closing: '订单正在关闭',
    paid: '付款成功',
    refunding: '正在退款',
    partlyRefunded: '已部分退款',
    refunded: '已全额退款',
    expired: '订单已过期',
    cancelled: '订单已取消',
    closed: '订单无法付款',
    returning: '正在退回款项',
    returned: '款项已退回',
    review: '正在核对您的付款',
  } satisfies Readonly<Record<PayerStatus, string>>,
  /** One sentence under the status; for `awaiting` see `how`. */
  detail: {
    creating: '马上就好，请不要离开本页。',
    stuck: '还没有准备好。我们正在继续尝试，本页会自动更新；您也可以联系商家。',
    confirming: '请不要再付款。如果您刚刚付过款，结果会很快显示在这里。',
    closing: '请不要再付款。如果您刚刚付过款，我们会发现，结果会显示在这里。',
    paid: '谢谢！您可以关闭本页，回到商家查看订单。',
    refunding: '退款正在处理，通常退回原支付方式。到账时间以微信支付的通知为准。',
    partlyRefunded: '这笔付款已退回一部分，通常退回原支付方式。到账时间以微信支付的通知为准。',
    refunded: '这笔付款已全部退回，通常退回原支付方式。到账时间以微信支付的通知为准。',
    expired: '付款时间已过，请回到商家重新下单。如果之后仍有款项支付成功，我们会发现并处理。',
    cancelled: '商家取消了这笔订单，请不要再付款。',
    closed: '请回到商家重新下单，或联系商家。',
    returning: '订单已关闭，收到的款项正在退回。到账时间以微信支付的通知为准。',
    returned: '订单已关闭，收到的款项已按原支付方式退回。到账时间以微信支付的通知为准。',
    review: '我们需要核对这笔付款。请不要重复付款；如有疑问，请联系商家并提供订单号。',
  } satisfies Readonly<Record<Exclude<PayerStatus, 'awaiting'>, string>>,
  how: {
    native: '请用微信“扫一扫”扫描二维码',
    jsapi: '请在微信中完成付款',
    miniProgram: '请回到微信小程序完成付款',
    app: '请回到商家 App 完成付款',
    h5: '点击下面的按钮，在微信中付款',
  } satisfies Readonly<Record<Product, string>>,
  note: {
    native: '微信不支持长按或从相册识别付款码。正在用手机看本页？请在另一台设备上打开，再用微信扫码。',
    jsapi: '只有下单时使用的微信账号可以付款。',
    miniProgram: '付款在小程序内进行，完成后本页会自动更新。',
    app: '付款在 App 内进行，完成后本页会自动更新。',
    h5: '请使用手机浏览器打开本页，付款后再回到这里。',
  } satisfies Readonly<Record<Product, string>>,
  jsapiOutside: '请用微信“扫一扫”打开本页，然后付款',
  jsapiQrLabel: '用微信扫描后打开本页的二维码',
  jsapiButton: '微信支付',
  jsapiFailed: '没有能够打开微信支付，请重试。',
  h5Button: '打开微信付款',
  h5Inside: '微信内不能使用这种付款方式。请点右上角菜单，选择在浏览器中打开。',
  qrLabel: '微信付款二维码',
  renewing: '正在更新付款码…',
  timeLeft: '剩余时间',
  dayUnit: '天',
  payBefore: '付款截止',
  paidButton: '我已支付',
  asking: '正在查询…',
  answer: {
    unseen: '还没有看到这笔付款。我们会继续查询，到账后本页会自动更新。',
    later: '刚刚查询过，请稍等几秒再试。本页也会自动更新。',
    unavailable: '现在无法查询，请稍后再试。付款不会丢失，到账后本页会自动更新。',
  } satisfies Readonly<Record<SyncAnswer, string>>,
  paidAt: '付款时间',
  youPaid: '优惠后实付',
  refunded: '已退款',
  refunding: '退款中',
  secondReturned: '重复付款已退回',
  secondReturning: '重复付款退回中',
  offline: '连接已断开，正在重新连接…',
  notice: {
    not_found: { title: '找不到这个付款页面', body: '链接可能不完整。请回到商家重新打开付款页面。' },
    gone: { title: '付款页面已失效', body: '这个链接已经过期。请回到商家查看订单。' },
    unavailable: { title: '暂时无法打开', body: '服务正忙，请稍后刷新本页。已完成的付款不受影响。' },
    failed: { title: '出了点问题', body: '请稍后刷新本页。已完成的付款不受影响。' },
  } satisfies Readonly<Record<Notice, Saying>>,
};

export type Texts = typeof zh;

const en: Texts = {
  htmlLang: 'en',
  switchLabel: 'English',
  title: 'Pay with WeChat',
  amountDue: 'Amount due',
  amountPaid: 'Amount paid',
  orderNo: 'Order',
  skip: 'Skip to the payment',
  status: {
    creating: 'Preparing your payment',
    stuck: 'Cannot be paid right now',
    awaiting: 'Waiting for payment',
    confirming: 'Time is up, checking',
    closing: 'This order is being closed',
    paid: 'Payment received',
    refunding: 'Refund on its way',
    partlyRefunded: 'Partly refunded',
    refunded: 'Refunded in full',
    expired: 'This order has expired',
    cancelled: 'This order was cancelled',
    closed: 'This order cannot be paid',
    returning: 'Your money is on its way back',
    returned: 'Your money was returned',
    review: 'Checking your payment',
  },
  detail: {
    creating: 'Almost ready. Please stay on this page.',
    stuck: 'It is not ready yet. We keep trying, and this page updates by itself; you can also contact the shop.',
    confirming: 'Please do not pay any more. If you have just paid, the result will show here shortly.',
    closing: 'Please do not pay any more. If you have just paid, we will find it and the result will show here.',
    paid: 'Thank you! You can close this page and go back to the shop.',
    refunding: 'Your refund is being processed. WeChat Pay tells you when it arrives.',
    partlyRefunded: 'Part of what you paid went back to you. WeChat Pay tells you when it arrives.',
    refunded: 'All that you paid went back to you. WeChat Pay tells you when it arrives.',
    expired:
      'The time to pay is over; please order again at the shop. If a payment still went through, it will be found.',
    cancelled: 'The shop cancelled this order. Please do not pay any more.',
    closed: 'Please order again at the shop, or contact the shop.',
    returning: 'The order is closed, and what was received is on its way back. WeChat Pay tells you when it arrives.',
    returned:
      'The order is closed, and what was received went back the way it was paid. WeChat Pay tells you when it arrives.',
    review:
      'We are checking this payment. Please do not pay again; if in doubt, contact the shop and give the order number.',
  },
  how: {
    native: 'Scan this code with WeChat',
    jsapi: 'Complete the payment in WeChat',
    miniProgram: 'Go back to the mini program in WeChat to pay',
    app: 'Go back to the shop’s app to pay',
    h5: 'Press the button to pay in WeChat',
  },
  note: {
    native:
      'WeChat reads payment codes through the camera only. On your phone? Open this page on another device and scan it there.',
    jsapi: 'Only the WeChat account that placed the order can pay it.',
    miniProgram: 'You pay inside the mini program. This page updates by itself.',
    app: 'You pay inside the app. This page updates by itself.',
    h5: 'Use your phone’s browser, then come back here after paying.',
  },
  jsapiOutside: 'Scan with WeChat to open this page there, then pay',
  jsapiQrLabel: 'Code that opens this page in WeChat',
  jsapiButton: 'Pay with WeChat',
  jsapiFailed: 'WeChat Pay could not be opened. Please try again.',
  h5Button: 'Open WeChat to pay',
  h5Inside: 'This way to pay does not work inside WeChat. Choose “Open in browser” from the menu at the top right.',
  qrLabel: 'WeChat payment code',
  renewing: 'Renewing the payment code…',
  timeLeft: 'Time left',
  dayUnit: 'd',
  payBefore: 'Pay before',
  paidButton: 'I have paid',
  asking: 'Checking…',
  answer: {
    unseen: 'We have not seen this payment yet. We keep looking; this page updates by itself.',
    later: 'We checked a moment ago. Please wait a few seconds; this page also updates by itself.',
    unavailable: 'We cannot check right now. No payment is lost; this page updates as soon as it arrives.',
  },
  paidAt: 'Paid at',
  youPaid: 'After discounts',
  refunded: 'Refunded',
  refunding: 'Being refunded',
  secondReturned: 'Second payment, returned',
  secondReturning: 'Second payment, on its way back',
  offline: 'Connection lost, reconnecting…',
  notice: {
    not_found: {
      title: 'This payment page was not found',
      body: 'The link may be incomplete. Please open the payment page from the shop again.',
    },
    gone: {
      title: 'This payment page has ended',
      body: 'The link has expired. Please look up your order at the shop.',
    },
    unavailable: {
      title: 'Not available right now',
      body: 'Please reload this page in a moment. Payments already made are not affected.',
    },
    failed: {
      title: 'Something went wrong',
      body: 'Please reload this page in a moment. Payments already made are not affected.',
    },
  },
};

export const TEXTS: Readonly<Record<Language, Texts>> = { zh, en };
