import { perLanguage, type Both, type Language } from '../../base/language.js';
import { err, ok, type Result } from '../../base/result.js';
import { parseReason } from '../../decisions/page/fields.js';
import { ActForm } from '../../ops/kit/acting.js';
import { DISCREPANCY_ACTIONS, type DiscrepancyAction } from '../rules/classes.js';

/** What was typed, and what of it is wrong. */
export type DecisionEntered = {
  readonly action: string;
  readonly reason: string;
  readonly errors: { readonly action?: DecisionError; readonly reason?: DecisionError };
};

type DecisionError = 'action_required' | 'reason_required' | 'reason_invalid';

export const NOTHING_ENTERED: DecisionEntered = { action: '', reason: '', errors: {} };

export type Decision = { readonly action: DiscrepancyAction; readonly reason: string };

/** The decision, or the form as it was sent with all that is wrong. */
export function readDecision(fields: Readonly<Record<string, string>>): Result<Decision, DecisionEntered> {
  const entered = { action: fields['action'] ?? '', reason: fields['reason'] ?? '' };
  const action = DISCREPANCY_ACTIONS.find((it) => it === entered.action);
  const reason = parseReason(entered.reason);
  if (action !== undefined && reason.ok) return ok({ action, reason: reason.value });
  const errors = {
    ...(action === undefined ? { action: 'action_required' as const } : {}),
    ...(reason.ok ? {} : { reason: reason.error }),
  };
  return err({ ...entered, errors });
}

type Props = {
  readonly path: string;
  /** What a recheck does: where nothing here can ask WeChat Pay, the day only runs again. */
  readonly recheck: 'recheck' | 'runAgain';
  readonly entered: DecisionEntered;
  readonly language: Language;
  readonly csrfToken: string;
};

export function DecisionForm({ path, recheck, entered, language, csrfToken }: Props) {
  const texts = TEXTS[language];
  const wordOf = (action: DiscrepancyAction) => (action === 'recheck' ? recheck : action);
  return (
    <ActForm class="card fields" action={path} id="decide" token={csrfToken}>
      <fieldset {...wrongOf('action', entered)}>
        <legend>{texts.title}</legend>
        {DISCREPANCY_ACTIONS.map((it) => (
          <div class="field">
            <label class="tick">
              <input type="radio" name="action" value={it} checked={it === entered.action} required />{' '}
              {texts.actions[wordOf(it)]}
            </label>
            <p class="hint">{texts.hints[wordOf(it)]}</p>
          </div>
        ))}
        <Wrong name="action" entered={entered} language={language} />
      </fieldset>
      <div class="field">
        <label for="reason">{texts.reason}</label>
        <textarea id="reason" name="reason" rows={3} maxlength={500} required {...wrongOf('reason', entered)}>
          {entered.reason}
        </textarea>
        <p class="hint">{texts.reasonHint}</p>
        <Wrong name="reason" entered={entered} language={language} />
      </div>
      <p class="buttons">
        <button class="button primary" type="submit" id="submit">
          {texts.submit}
        </button>
      </p>
    </ActForm>
  );
}

type Field = { readonly name: 'action' | 'reason'; readonly entered: DecisionEntered };

const wrongOf = (name: Field['name'], { errors }: DecisionEntered) =>
  errors[name] === undefined ? {} : ({ 'aria-invalid': 'true', 'aria-describedby': `${name}-wrong` } as const);

function Wrong({ name, entered, language }: Field & { readonly language: Language }) {
  const error = entered.errors[name];
  return error === undefined ? null : (
    <p class="wrong" id={`${name}-wrong`} role="alert" data-error={error}>
      {TEXTS[language].errors[error]}
    </p>
  );
}

const TEXTS = perLanguage({
  title: ['怎么处理', 'What to do about it'],
  actions: {
    accept: ['接受现状', 'Accept it as it is'],
    recheck: ['再查一次', 'Ask WeChat Pay again'],
    runAgain: ['重新对这一天的账', 'Run the day again'],
    resolve: ['已在别处解决', 'It was put right elsewhere'],
  } satisfies Readonly<Record<DiscrepancyAction | 'runAgain', Both>>,
  hints: {
    accept: [
      '例如：其他系统的收款、可以承受的手续费误差。以后的对账不再提起，除非账单或本地的数字变了。',
      'Such as money of another system, or a fee that is borne. Later runs do not bring it up again, unless either side says other figures.',
    ],
    recheck: [
      '相关订单或退款再向微信支付查询，这一天重新对账；差异保持未了结，直到双方一致。',
      'Its order or refund asks WeChat Pay again and the day runs again; it stays open until both sides agree.',
    ],
    runAgain: [
      '重新取账单、重新核对；本地没有可以为此查询的订单或退款。差异保持未了结，直到双方一致。',
      'Its bills are fetched and matched again. No order or refund here could ask about it; it stays open until both sides agree.',
    ],
    resolve: [
      '例如：已在商户平台退款，或已更正账目。请写明在哪里、怎样解决。',
      'Such as a refund in the merchant platform, or books that were put right. Say where and how.',
    ],
  } satisfies Readonly<Record<DiscrepancyAction | 'runAgain', Both>>,
  reason: ['原因', 'Reason'],
  reasonHint: [
    '必填，最多 500 字节（约 160 个汉字）。与您的名字一起永久保存。不会动用任何款项。',
    'Required, at most 500 bytes. Kept for good with your name. This moves no money.',
  ],
  submit: ['确认执行', 'Do it'],
  errors: {
    action_required: ['请选择怎么处理。', 'Choose what to do.'],
    reason_required: ['请写明原因。', 'Say why.'],
    reason_invalid: ['原因太长，或含有不可显示的字符。', 'Too long, or with characters that cannot be shown.'],
  } satisfies Readonly<Record<DecisionError, Both>>,
});
