import type { Child } from 'hono/jsx';
import type { Language } from '../../base/language.js';
import type { ErrorCode } from '../../http/kit/api-error.js';
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

type FieldProps = Props & {
  readonly name: FieldName;
  readonly label: string;
  readonly hint?: string;
  readonly children: Child;
};

export function Field({ state, name, label, hint, children }: FieldProps) {
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

export function Wrong({ state: { errors, language }, name }: Props & { readonly name: FieldName }) {
  const error = errors[name];
  if (error === undefined) return null;
  return (
    <p class="wrong" id={`${name}-wrong`} role="alert" data-error={error}>
      {ACTION_TEXTS[language].fields[error]}
    </p>
  );
}

/** Says to assistive technology what the eye sees below the field. */
export const described = (state: FormState, name: FieldName) => ({
  id: name,
  name,
  'aria-describedby': `${name}-hint ${name}-wrong`,
  'aria-invalid': state.errors[name] === undefined ? ('false' as const) : ('true' as const),
});

/** Numbers are typed, not guessed. */
export const PLAIN = { autocomplete: 'off', autocapitalize: 'off', spellcheck: false } as const;
