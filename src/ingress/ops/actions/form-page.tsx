import type { Child } from 'hono/jsx';
import type { Language } from '../../../domain/explain.js';
import { formatAmount } from '../../checkout/local-format.js';
import type { ErrorCode } from '../../error-codes.js';
import { CsrfField } from '../csrf.js';
import { Fact } from '../order/pieces.js';
import { beijingTime } from '../order/time.js';
import { errorText } from './error-text.js';
import { typedBeijing } from './fields.js';
import type { ActionForm, Entered, FieldErrors, FieldName } from './form.js';
import { ACTION_TEXTS } from './text.js';

export type FormState = {
  readonly form: ActionForm;
  readonly entered: Entered;
  readonly errors: FieldErrors;
  /** Why it was not done, after it was sent. */
  readonly refusal: ErrorCode | null;
  readonly language: Language;
  readonly csrfToken: string;
};

type Props = { readonly state: FormState };

/** What will happen, to how much money, and the fields that stand between a person and it. */
export function FormPage({ state }: Props) {
  const { form, refusal, language } = state;
  const texts = ACTION_TEXTS[language];
  const isOffered = form.isPossible || refusal !== null;
  return (
    <div class="act" id="act" data-action={form.action}>
      {refusal === null ? null : <Refusal code={refusal} language={language} />}
      <section class="card">
        <dl class="facts">
          <Fact label={texts.about}>
            <span class="id">{form.subject}</span>
          </Fact>
          <Fact label={texts.money}>
            {form.effect.moneyFen === null ? null : <b class="money">{formatAmount(form.effect.moneyFen)}</b>}
          </Fact>
        </dl>
        <h2>{texts.happens}</h2>
        <ul class="effects">
          {form.effect.sentences.map((sentence) => (
            <li>{sentence}</li>
          ))}
        </ul>
      </section>
      {isOffered ? <Fields state={state} /> : <NotPossible state={state} />}
    </div>
  );
}

const Refusal = ({ code, language }: { readonly code: ErrorCode; readonly language: Language }) => (
  <div class="refusal" id="refusal" role="alert" data-code={code}>
    <p>
      <b>{ACTION_TEXTS[language].notDone}</b> <code>{code}</code>
    </p>
    <p>{errorText(code, language)}</p>
  </div>
);

function NotPossible({ state: { form, language } }: Props) {
  const texts = ACTION_TEXTS[language];
  return (
    <section class="card" id="not-possible">
      <p>{texts.notPossible}</p>
      <p class="buttons">
        <a class="button" href={form.back}>
          {texts.cancel}
        </a>
      </p>
    </section>
  );
}

function Fields({ state }: Props) {
  const { form, language, csrfToken } = state;
  const texts = ACTION_TEXTS[language];
  return (
    <form class="card fields" method="post" action={form.path}>
      <CsrfField token={csrfToken} />
      <ExtraFields state={state} />
      <Reason state={state} />
      <TypedNumber state={state} />
      <Confirm state={state} />
      <p class="buttons">
        <button class="button primary" type="submit" id="submit">
          {texts.submit}
        </button>
        <a class="button" href={form.back}>
          {texts.cancel}
        </a>
      </p>
    </form>
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

/** Says to assistive technology what the eye sees below the field. */
const described = (state: FormState, name: FieldName) => ({
  id: name,
  name,
  'aria-describedby': `${name}-hint ${name}-wrong`,
  'aria-invalid': state.errors[name] === undefined ? ('false' as const) : ('true' as const),
});

function Reason({ state }: Props) {
  const texts = ACTION_TEXTS[state.language];
  return (
    <Field state={state} name="reason" label={texts.reason} hint={texts.reasonHint}>
      <textarea {...described(state, 'reason')} rows={3} maxlength={500} required>
        {state.entered.reason}
      </textarea>
    </Field>
  );
}

function TypedNumber({ state }: Props) {
  const { form, entered, language } = state;
  if (form.typedNumber === null) return null;
  return (
    <Field state={state} name="typed" label={ACTION_TEXTS[language].typeNumber(form.typedNumber)}>
      <input {...described(state, 'typed')} {...PLAIN} class="id" type="text" value={entered.typed} required />
    </Field>
  );
}

/** Numbers are typed, not guessed. */
const PLAIN = { autocomplete: 'off', autocapitalize: 'off', spellcheck: false } as const;

function Confirm({ state }: Props) {
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

function ExtraFields({ state }: Props) {
  const { form } = state;
  if (form.extra === null) return null;
  return form.extra.kind === 'until' ? (
    <Until state={state} from={form.extra.from} to={form.extra.to} />
  ) : (
    <RefundTerms state={state} restFen={form.extra.restFen} />
  );
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
