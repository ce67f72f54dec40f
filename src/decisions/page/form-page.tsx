import type { Language } from '../../base/language.js';
import { formatAmount } from '../../base/money.js';
import { errorText, type ErrorCode } from '../../http/kit/api-error.js';
import { ActForm } from '../../ops/kit/acting.js';
import { Fact } from '../../ops/kit/pieces.js';
import { Confirm, ExtraFields, Reason, TypedNumber, type FormState } from './form-fields.js';
import { ACTION_TEXTS } from './text.js';

type Props = { readonly state: FormState };

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
            <li>{sentence[language]}</li>
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
    <p>{errorText(language, code)}</p>
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
    <ActForm class="card fields" action={form.path} token={csrfToken}>
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
    </ActForm>
  );
}
