import { formatAmount } from '../../base/money.js';
import { beijingTime } from '../../base/time.js';
import { typedBeijing } from './fields.js';
import { described, Field, PLAIN, type FormState } from './form-field.js';
import { ACTION_TEXTS } from './text.js';

type Props = { readonly state: FormState };

/** What an action asks beside its reason. */
export function ExtraFields({ state }: Props) {
  const { extra } = state.form;
  switch (extra?.kind) {
    case undefined:
      return null;
    case 'until':
      return <Until state={state} from={extra.from} to={extra.to} />;
    case 'refund':
      return <RefundTerms state={state} restFen={extra.restFen} />;
    case 'external':
      return <ExternalNo state={state} />;
  }
}

function Until({ state, from, to }: Props & { readonly from: Date; readonly to: Date }) {
  const texts = ACTION_TEXTS[state.language];
  const bounds = texts.untilBounds(beijingTime(from).slice(0, 16), beijingTime(to).slice(0, 16));
  return (
    <Field state={state} name="until" label={texts.until} hint={bounds}>
      <input
        {...described(state, 'until')}
        type="datetime-local"
        value={state.entered.until}
        min={typedBeijing(from)}
        max={typedBeijing(to)}
        required
      />
    </Field>
  );
}

function RefundTerms({ state, restFen }: Props & { readonly restFen: number }) {
  const { entered, language } = state;
  const texts = ACTION_TEXTS[language];
  return (
    <>
      <Field state={state} name="amount" label={texts.amount} hint={texts.amountHint(formatAmount(restFen))}>
        <input {...described(state, 'amount')} {...PLAIN} inputmode="decimal" value={entered.amount} required />
      </Field>
      <Field state={state} name="refundNo" label={texts.refundNo} hint={texts.refundNoHint}>
        <input {...described(state, 'refundNo')} {...PLAIN} class="id" value={entered.refundNo} required />
      </Field>
      <Field state={state} name="payerReason" label={texts.payerReason} hint={texts.payerReasonHint}>
        <input {...described(state, 'payerReason')} value={entered.payerReason} maxlength={80} />
      </Field>
    </>
  );
}

function ExternalNo({ state }: Props) {
  const texts = ACTION_TEXTS[state.language];
  return (
    <Field state={state} name="refundNo" label={texts.externalNo} hint={texts.externalNoHint}>
      <input {...described(state, 'refundNo')} {...PLAIN} class="id" value={state.entered.refundNo} required />
    </Field>
  );
}
