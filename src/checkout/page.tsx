import { Document } from './document.js';
import { formatAmount } from '../base/money.js';
import { pageLinks, textsOf, type PageModel } from './page-model.js';
import { Panel } from './panel.js';
import type { PayerStatus } from './payer-view.js';
import { TEXTS } from './text.js';

/** The payer's page of one order, in the state it is in. The script swaps `#panel` and the marked texts as it changes. */
export function CheckoutPage({ model }: { readonly model: PageModel }) {
  const texts = textsOf(model);
  const { view } = model;
  const links = pageLinks(model);
  const title = `${texts.status[view.status]} · ${formatAmount(view.amountFen)}`;
  return (
    <Document texts={texts} title={title} lookAgainAt={isSettled(view.status) ? undefined : links.page}>
      <a class="skip" href="#checkout">
        {texts.skip}
      </a>
      <TopBar model={model} otherLanguage={links.other} />
      <main
        id="checkout"
        class="card"
        tabindex={-1}
        data-status={view.status}
        data-product={view.product}
        data-version={view.version}
        data-expires-at={view.expiresAt.getTime()}
        data-server-now={model.now.getTime()}
        data-order={model.orderNo}
        data-page={links.page}
        data-stream={links.stream}
      >
        <Summary model={model} />
        <p id="status" class={`status status-${toneOf(view.status)}`} role="status" data-status={view.status}>
          {texts.status[view.status]}
        </p>
        <div id="panel">
          <Panel model={model} />
        </div>
        <p id="connection" class="connection" role="status" data-text={texts.offline}></p>
      </main>
      <footer class="foot">
        {texts.orderNo} <span class="order-no">{model.orderNo}</span>
      </footer>
    </Document>
  );
}

function TopBar({ model, otherLanguage }: { readonly model: PageModel; readonly otherLanguage: string }) {
  const other = TEXTS[model.language === 'zh' ? 'en' : 'zh'];
  return (
    <header class="top">
      <span class="shop">{model.merchantName ?? textsOf(model).title}</span>
      <a id="lang" href={otherLanguage} lang={other.htmlLang} hreflang={other.htmlLang}>
        {other.switchLabel}
      </a>
    </header>
  );
}

/** `¥99,999.00`: what fits the narrowest phone in large figures. */
const LONG_AMOUNT = 10;

function Summary({ model }: { readonly model: PageModel }) {
  const texts = textsOf(model);
  const amount = formatAmount(model.view.amountFen);
  const isPaid = model.view.paidAt !== null;
  return (
    <div class="summary">
      <h1>{model.description}</h1>
      <p class={amount.length > LONG_AMOUNT ? 'amount amount-long' : 'amount'}>
        <span class="visually-hidden">{isPaid ? texts.amountPaid : texts.amountDue} </span>
        <span id="amount">{amount}</span>
      </p>
    </div>
  );
}

/** Nothing more will happen that the payer waits for: a refund takes days, and WeChat Pay tells of it. */
function isSettled(status: PayerStatus): boolean {
  return !['creating', 'stuck', 'awaiting', 'confirming', 'closing', 'review'].includes(status);
}

function toneOf(status: PayerStatus): 'busy' | 'good' | 'ended' | 'attention' {
  switch (status) {
    case 'creating':
    case 'awaiting':
    case 'confirming':
    case 'closing':
    case 'refunding':
    case 'returning':
      return 'busy';
    case 'paid':
    case 'partlyRefunded':
      return 'good';
    case 'stuck':
    case 'review':
      return 'attention';
    case 'expired':
    case 'cancelled':
    case 'closed':
    case 'refunded':
    case 'returned':
      return 'ended';
  }
}
