import { formatAmount } from '../base/money.js';
import { formatTime } from './local-format.js';
import { Mark } from './mark.js';
import { textsOf, type PageModel } from './page-model.js';
import { PayPanel } from './pay-panel.js';

/** What the payer can do or learn in this state. */
export function Panel({ model }: { readonly model: PageModel }) {
  const { status } = model.view;
  if (status === 'awaiting') return <PayPanel model={model} />;
  return (
    <div class="outcome">
      <Mark status={status} />
      <p class="detail">{textsOf(model).detail[status]}</p>
      <Facts model={model} />
    </div>
  );
}

/** When it was paid, and what of it went back; nothing where no money is known of. */
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
  const isBack = status === 'returning' || status === 'returned';
  return isBack
    ? [
        [texts.refunded, returnedFen],
        [texts.refunding, returningFen],
      ]
    : [];
}
