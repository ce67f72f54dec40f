import { Document } from './document.js';
import { formatAmount } from '../base/money.js';
import { formatTime, pageLinks, textsOf, type PageModel } from './page-model.js';
import type { PayerStatus } from './payer-view.js';
import { TEXTS } from './text.js';
import { PayPanel } from './pay-panel.js';

/** The payer's page of one order. The script swaps `#panel` and the marked texts as the state changes. */
export function CheckoutPage({ model }: { readonly model: PageModel }) {
  const texts = textsOf(model);
  const { view } = model;
  const links = pageLinks(model);
  const { tone, isSettled } = LOOKS[view.status];
  const facts = [texts.status[view.status], formatAmount(view.amountFen), ...(model.shop ? [model.shop.name] : [])];
  const title = facts.join(' · ');
  return (
    <Document texts={texts} title={title} lookAgainAt={isSettled ? undefined : links.page}>
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
        <p id="status" class={`status status-${tone}`} role="status" data-status={view.status}>
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
      <Payee model={model} />
      <a id="lang" href={otherLanguage} lang={other.htmlLang} hreflang={other.htmlLang}>
        {other.switchLabel}
      </a>
    </header>
  );
}

/** The name beside it says what the logo says. */
function Payee({ model }: { readonly model: PageModel }) {
  const { title } = textsOf(model);
  const { shop } = model;
  if (shop === null) return <span class="shop">{title}</span>;
  const logo = shop.logo === null ? null : `${pageLinks(model).logo}&v=${shop.logo.hash}`;
  return (
    <div class="payee">
      {logo === null ? null : <img id="logo" src={logo} alt="" width="40" height="40" />}
      <div>
        <p id="shop" class="shop">
          {shop.name}
        </p>
        <p class="by">{title}</p>
      </div>
    </div>
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

function Panel({ model }: { readonly model: PageModel }) {
  const { status } = model.view;
  if (status === 'awaiting')
    return (
      <>
        <PayPanel model={model} />
        <BackToShop model={model} />
      </>
    );
  return (
    <div class="outcome">
      <Mark status={status} />
      <p class="detail">{textsOf(model).detail[status]}</p>
      <Facts model={model} />
      <BackToShop model={model} />
    </div>
  );
}

/** Part of the panel, so that its state changes with it. */
function BackToShop({ model }: { readonly model: PageModel }) {
  if (model.returnLink === null) return null;
  const look = LOOKS[model.view.status].isSettled ? 'button primary' : 'quiet';
  return (
    <a id="back" class={look} href={model.returnLink}>
      {textsOf(model).backToShop}
    </a>
  );
}

function Facts({ model }: { readonly model: PageModel }) {
  const texts = textsOf(model);
  const { paidAt } = model.view;
  const amounts = amountsOf(model).filter(([, amountFen]) => amountFen > 0);
  if (paidAt === null && amounts.length === 0) return null;
  return (
    <dl class="facts">
      {paidAt === null ? null : (
        <div>
          <dt>{texts.paidAt}</dt>
          <dd>
            <time data-local datetime={paidAt.toISOString()}>
              {formatTime(paidAt, model.language)}
            </time>
          </dd>
        </div>
      )}
      {amounts.map(([label, amountFen]) => (
        <div>
          <dt>{label}</dt>
          <dd>{formatAmount(amountFen)}</dd>
        </div>
      ))}
    </dl>
  );
}

function amountsOf(model: PageModel): readonly (readonly [label: string, amountFen: number])[] {
  const texts = textsOf(model);
  const { status, paidAt, payerFen, amountFen, refundedFen, refundingFen, returnedFen, returningFen } = model.view;
  if (paidAt !== null) {
    return [
      [texts.youPaid, payerFen === null || payerFen === amountFen ? 0 : payerFen],
      [texts.refunded, refundedFen],
      [texts.refunding, refundingFen],
      [texts.secondReturned, returnedFen],
      [texts.secondReturning, returningFen],
    ];
  }
  if (status !== 'returning' && status !== 'returned') return [];
  return [
    [texts.refunded, returnedFen],
    [texts.refunding, returningFen],
  ];
}

/** The state at a glance; the words beside it say the same. */
function Mark({ status }: { readonly status: PayerStatus }) {
  const { mark } = LOOKS[status];
  return (
    <svg class={`mark mark-${mark}`} viewBox="0 0 64 64" aria-hidden="true" focusable="false">
      <circle class="disc" cx="32" cy="32" r="28" />
      <path class="sign" d={SIGNS[mark]} />
    </svg>
  );
}

const SIGNS = {
  spin: 'M32 4a28 28 0 0 1 28 28',
  tick: 'M19 33l9 9 18-19',
  attention: 'M32 18v17M32 44v.5',
  clock: 'M32 17v16l10 6',
  cross: 'M23 23l18 18M41 23l-18 18',
  back: 'M26 20l-9 9 9 9M18 29h19a9 9 0 0 1 0 18h-8',
};

/** `isSettled`: the page has no more news; a refund takes days, and WeChat Pay tells of it. */
type Look = {
  readonly tone: 'busy' | 'good' | 'ended' | 'attention';
  readonly mark: keyof typeof SIGNS;
  readonly isSettled: boolean;
};

const LOOKS: Readonly<Record<PayerStatus, Look>> = {
  creating: { tone: 'busy', mark: 'spin', isSettled: false },
  stuck: { tone: 'attention', mark: 'attention', isSettled: false },
  awaiting: { tone: 'busy', mark: 'spin', isSettled: false },
  confirming: { tone: 'busy', mark: 'spin', isSettled: false },
  closing: { tone: 'busy', mark: 'spin', isSettled: false },
  paid: { tone: 'good', mark: 'tick', isSettled: true },
  refunding: { tone: 'busy', mark: 'clock', isSettled: true },
  partlyRefunded: { tone: 'good', mark: 'back', isSettled: true },
  refunded: { tone: 'ended', mark: 'back', isSettled: true },
  expired: { tone: 'ended', mark: 'clock', isSettled: true },
  cancelled: { tone: 'ended', mark: 'cross', isSettled: true },
  closed: { tone: 'ended', mark: 'attention', isSettled: true },
  returning: { tone: 'busy', mark: 'clock', isSettled: true },
  returned: { tone: 'ended', mark: 'back', isSettled: true },
  review: { tone: 'attention', mark: 'attention', isSettled: false },
};
