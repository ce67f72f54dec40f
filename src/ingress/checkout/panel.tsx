import { formatAmount, formatTime } from './local-format.js';
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
      {status === 'paid' ? <Receipt model={model} /> : null}
    </div>
  );
}

function Receipt({ model }: { readonly model: PageModel }) {
  const texts = textsOf(model);
  const { paidAt, payerFen, amountFen, refundedFen } = model.view;
  const hasDiscount = payerFen > 0 && payerFen !== amountFen;
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
      {hasDiscount ? (
        <div>
          <dt>{texts.youPaid}</dt>
          <dd>{formatAmount(payerFen)}</dd>
        </div>
      ) : null}
      {refundedFen > 0 ? (
        <div>
          <dt>{texts.refunded}</dt>
          <dd>{formatAmount(refundedFen)}</dd>
        </div>
      ) : null}
    </dl>
  );
}
