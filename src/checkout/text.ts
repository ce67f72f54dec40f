import type { Product } from '../orders/rules/product.js';
import { perLanguage, type Both } from '../base/language.js';
import type { PayerStatus } from './payer-view.js';

export const SYNC_ANSWERS = ['unseen', 'later', 'unavailable'] as const;
export type SyncAnswer = (typeof SYNC_ANSWERS)[number];

export type Notice = 'not_found' | 'gone' | 'unavailable' | 'failed';

export type Texts = (typeof TEXTS)['zh'];

export const TEXTS = perLanguage({
  htmlLang: ['zh-CN', 'en'],
  switchLabel: ['中文', 'English'],
  title: ['微信支付', 'Pay with WeChat'],
  amountDue: ['应付金额', 'Amount due'],
  amountPaid: ['付款金额', 'Amount paid'],
  orderNo: ['订单号', 'Order'],
  skip: ['跳到付款内容', 'Skip to the payment'],
  status: {
    creating: ['正在准备付款', 'Preparing your payment'],
    stuck: ['暂时无法付款', 'Cannot be paid right now'],
    awaiting: ['等待付款', 'Waiting for payment'],
    confirming: ['付款时间已到，正在确认', 'Time is up, checking'],
    closing: ['订单正在关闭', 'This order is being closed'],
    paid: ['付款成功', 'Payment received'],
    refunding: ['正在退款', 'Refund on its way'],
    partlyRefunded: ['已部分退款', 'Partly refunded'],
    refunded: ['已全额退款', 'Refunded in full'],
    expired: ['订单已过期', 'This order has expired'],
    cancelled: ['订单已取消', 'This order was cancelled'],
    closed: ['订单无法付款', 'This order cannot be paid'],
    returning: ['正在退回款项', 'Your money is on its way back'],
    returned: ['款项已退回', 'Your money was returned'],
    review: ['正在核对您的付款', 'Checking your payment'],
  } satisfies Readonly<Record<PayerStatus, Both>>,
  /** One sentence under the status; for `awaiting` see `how`. */
  detail: {
    creating: ['马上就好，请不要离开本页。', 'Almost ready. Please stay on this page.'],
    stuck: [
      '还没有准备好。我们正在继续尝试，本页会自动更新；您也可以联系商家。',
      'It is not ready yet. We keep trying, and this page updates by itself; you can also contact the shop.',
    ],
    confirming: [
      '请不要再付款。如果您刚刚付过款，结果会很快显示在这里。',
      'Please do not pay any more. If you have just paid, the result will show here shortly.',
    ],
    closing: [
      '请不要再付款。如果您刚刚付过款，我们会发现，结果会显示在这里。',
      'Please do not pay any more. If you have just paid, we will find it and the result will show here.',
    ],
    paid: ['谢谢！您可以关闭本页，回到商家查看订单。', 'Thank you! You can close this page and go back to the shop.'],
    refunding: [
      '退款正在处理，通常退回原支付方式。到账时间以微信支付的通知为准。',
      'Your refund is being processed. WeChat Pay tells you when it arrives.',
    ],
    partlyRefunded: [
      '这笔付款已退回一部分，通常退回原支付方式。到账时间以微信支付的通知为准。',
      'Part of what you paid went back to you. WeChat Pay tells you when it arrives.',
    ],
    refunded: [
      '这笔付款已全部退回，通常退回原支付方式。到账时间以微信支付的通知为准。',
      'All that you paid went back to you. WeChat Pay tells you when it arrives.',
    ],
    expired: [
      '付款时间已过，请回到商家重新下单。如果之后仍有款项支付成功，我们会发现并处理。',
      'The time to pay is over; please order again at the shop. If a payment still went through, it will be found.',
    ],
    cancelled: ['商家取消了这笔订单，请不要再付款。', 'The shop cancelled this order. Please do not pay any more.'],
    closed: ['请回到商家重新下单，或联系商家。', 'Please order again at the shop, or contact the shop.'],
    returning: [
      '订单已关闭，收到的款项正在退回。到账时间以微信支付的通知为准。',
      'The order is closed, and what was received is on its way back. WeChat Pay tells you when it arrives.',
    ],
    returned: [
      '订单已关闭，收到的款项已按原支付方式退回。到账时间以微信支付的通知为准。',
      'The order is closed, and what was received went back the way it was paid. WeChat Pay tells you when it arrives.',
    ],
    review: [
      '我们需要核对这笔付款。请不要重复付款；如有疑问，请联系商家并提供订单号。',
      'We are checking this payment. Please do not pay again; if in doubt, contact the shop and give the order number.',
    ],
  } satisfies Readonly<Record<Exclude<PayerStatus, 'awaiting'>, Both>>,
  how: {
    native: ['请用微信“扫一扫”扫描二维码', 'Scan this code with WeChat'],
    jsapi: ['请在微信中完成付款', 'Complete the payment in WeChat'],
    miniProgram: ['请回到微信小程序完成付款', 'Go back to the mini program in WeChat to pay'],
    app: ['请回到商家 App 完成付款', 'Go back to the shop’s app to pay'],
    h5: ['点击下面的按钮，在微信中付款', 'Press the button to pay in WeChat'],
    codeScan: [
      '请向收银员出示付款码，并在手机上确认支付',
      'Show your payment code at the till and confirm on your phone',
    ],
  } satisfies Readonly<Record<Product, Both>>,
  note: {
    native: [
      '微信不支持长按或从相册识别付款码。正在用手机看本页？请在另一台设备上打开，再用微信扫码。',
      'WeChat reads payment codes through the camera only. On your phone? Open this page on another device and scan it there.',
    ],
    jsapi: ['只有下单时使用的微信账号可以付款。', 'Only the WeChat account that placed the order can pay it.'],
    miniProgram: [
      '付款在小程序内进行，完成后本页会自动更新。',
      'You pay inside the mini program. This page updates by itself.',
    ],
    app: ['付款在 App 内进行，完成后本页会自动更新。', 'You pay inside the app. This page updates by itself.'],
    h5: ['请使用手机浏览器打开本页，付款后再回到这里。', 'Use your phone’s browser, then come back here after paying.'],
    codeScan: ['收银员扫码后，本页会自动更新。', 'This page updates by itself once the till has scanned your code.'],
  } satisfies Readonly<Record<Product, Both>>,
  nativeInside: [
    '请在另一块屏幕上打开本页，再用微信扫码',
    'Open this page on another screen and scan its code with WeChat',
  ],
  nativeInsideNote: [
    '在微信里长按付款码不能付款。请点右上角菜单复制链接，在电脑等其他设备上打开；或请商家提供微信内的付款方式。',
    'A long press on the code does not pay. Copy the link from the menu at the top right and open it on a computer, say; or ask the shop for a way to pay inside WeChat.',
  ],
  jsapiOutside: ['请用微信“扫一扫”打开本页，然后付款', 'Scan with WeChat to open this page there, then pay'],
  jsapiOnPhone: [
    '请在微信中打开本页：复制本页网址，发到微信的任一聊天（如“文件传输助手”），点开后付款',
    'Open this page in WeChat: copy its address, send it to any chat there (File Transfer, say), and tap it to pay',
  ],
  jsapiQrLabel: ['用微信扫描后打开本页的二维码', 'Code that opens this page in WeChat'],
  jsapiButton: ['微信支付', 'Pay with WeChat'],
  jsapiFailed: ['没有能够打开微信支付，请重试。', 'WeChat Pay could not be opened. Please try again.'],
  h5Button: ['打开微信付款', 'Open WeChat to pay'],
  h5OnComputer: [
    '请用手机扫描二维码，在手机浏览器中打开本页付款',
    'Scan with your phone to open this page in its browser and pay there',
  ],
  h5QrLabel: ['在手机上打开本页的二维码', 'Code that opens this page on your phone'],
  h5OnComputerNote: [
    '请用手机相机或浏览器扫码。如果用微信扫码，请再点右上角菜单，选择在浏览器中打开。',
    'Use the phone’s camera or browser. If you scan with WeChat, choose “Open in browser” from the menu at the top right.',
  ],
  h5HereAfterAll: ['这就是手机？直接打开微信付款', 'On a phone after all? Open WeChat to pay'],
  h5Inside: [
    '微信内不能使用这种付款方式。请点右上角菜单，选择在浏览器中打开。',
    'This way to pay does not work inside WeChat. Choose “Open in browser” from the menu at the top right.',
  ],
  qrLabel: ['微信付款二维码', 'WeChat payment code'],
  renewing: ['正在更新付款码…', 'Renewing the payment code…'],
  timeLeft: ['剩余时间', 'Time left'],
  dayUnit: ['天', 'd'],
  payBefore: ['付款截止', 'Pay before'],
  paidButton: ['我已支付', 'I have paid'],
  asking: ['正在查询…', 'Checking…'],
  answer: {
    unseen: [
      '还没有看到这笔付款。我们会继续查询，到账后本页会自动更新。',
      'We have not seen this payment yet. We keep looking; this page updates by itself.',
    ],
    later: [
      '刚刚查询过，请稍等几秒再试。本页也会自动更新。',
      'We checked a moment ago. Please wait a few seconds; this page also updates by itself.',
    ],
    unavailable: [
      '现在无法查询，请稍后再试。付款不会丢失，到账后本页会自动更新。',
      'We cannot check right now. No payment is lost; this page updates as soon as it arrives.',
    ],
  } satisfies Readonly<Record<SyncAnswer, Both>>,
  paidAt: ['付款时间', 'Paid at'],
  youPaid: ['优惠后实付', 'After discounts'],
  refunded: ['已退款', 'Refunded'],
  refunding: ['退款中', 'Being refunded'],
  secondReturned: ['重复付款已退回', 'Second payment, returned'],
  secondReturning: ['重复付款退回中', 'Second payment, on its way back'],
  backToShop: ['返回商家', 'Back to the shop'],
  offline: ['连接已断开，正在重新连接…', 'Connection lost, reconnecting…'],
  notice: {
    not_found: {
      title: ['找不到这个付款页面', 'This payment page was not found'],
      body: [
        '链接可能不完整。请回到商家重新打开付款页面。',
        'The link may be incomplete. Please open the payment page from the shop again.',
      ],
    },
    gone: {
      title: ['付款页面已失效', 'This payment page has ended'],
      body: ['这个链接已经过期。请回到商家查看订单。', 'The link has expired. Please look up your order at the shop.'],
    },
    unavailable: {
      title: ['暂时无法打开', 'Not available right now'],
      body: [
        '服务正忙，请稍后刷新本页。已完成的付款不受影响。',
        'Please reload this page in a moment. Payments already made are not affected.',
      ],
    },
    failed: {
      title: ['出了点问题', 'Something went wrong'],
      body: [
        '请稍后刷新本页。已完成的付款不受影响。',
        'Please reload this page in a moment. Payments already made are not affected.',
      ],
    },
  } satisfies Readonly<Record<Notice, { title: Both; body: Both }>>,
});
