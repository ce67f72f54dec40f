import type { Child } from 'hono/jsx';
import type { Language } from '../../base/language.js';
import { formatAmount } from '../../base/money.js';
import { beijingTime } from '../../base/time.js';
import type { ErrorCode } from '../../http/kit/api-error.js';
import { typedBeijing, type Entered, type FieldErrors, type FieldName } from './fields.js';
import type { ActionForm } from './form.js';
import { ACTION_TEXTS } from './text.js';

export type FormState = {
  readonly form: ActionForm;
  readonly entered: Entered;
  readonly errors: FieldErrors;
  readonly refusal: ErrorCode | null;
  readonly language: Language;
  readonly csrfToken: string;
};

type Props = { readonly state: FormState };

export function Reason({ state }: Props) {
  const texts = ACTION_TEXTS[state.language];
  return (
    <Field state={state} name="reason" label={texts.reason} hint={texts.reasonHint}>
      <textarea {...described(state, 'reason')} rows={3} maxlength={500} required>
        {state.entered.reason}
      </textarea>
    </Field>
  );
}

export function TypedNumber({ state }: Props) {
  const { form, entered, language } = state;
  if (form.typedNumber === null) return null;
  return (
    <Field state={state} name="typed" label={ACTION_TEXTS[language].typeNumber(form.typedNumber)}>
      <input {...described(state, 'typed')} {...PLAIN} class="id" type="text" value={entered.typed} required />
    </Field>
  );
}

export function Confirm({ state }: Props) {
  const { form, entered, language } = state;
  const texts = ACTION_TEXTS[language];
  const { moneyFen } = form.effect;
  return (
    <div class="field">
      <label class="tick">
        <input type="checkbox" id="confirm" name="confirm" value="yes" checked={entered.confirm === 'yes'} required />{' '}
        {moneyFen === null ? texts.confirm : texts.confirmMoney(formatAmount(moneyFen))}
      </label>
      <Wrong state={state} name="confirm" />
    </div>
  );
}

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

type FieldProps = Props & {
  readonly name: FieldName;
  readonly label: string;
  readonly hint?: string;
  readonly children: Child;
};

function Field({ state, name, label, hint, children }: FieldProps) {
  return (
    <div class="field">
      <label for={name}>{label}</label>
      {children}
      {hint === undefined ? null : (
        <p class="hint" id={`${name}-hint`}>
          {hint}
        </p>
      )}
      <Wrong state={state} name={name} />
    </div>
  );
}

function Wrong({ state: { errors, language }, name }: Props & { readonly name: FieldName }) {
  const error = errors[name];
  if (error === undefined) return null;
  return (
    <p class="wrong" id={`${name}-wrong`} role="alert" data-error={error}>
      {ACTION_TEXTS[language].fields[error]}
    </p>
  );
}

const described = (state: FormState, name: FieldName) => ({
  id: name,
  name,
  'aria-describedby': `${name}-hint ${name}-wrong`,
  'aria-invalid': state.errors[name] === undefined ? ('false' as const) : ('true' as const),
});

/** Numbers are typed, not guessed. */
const PLAIN = { autocomplete: 'off', autocapitalize: 'off', spellcheck: false } as const;
