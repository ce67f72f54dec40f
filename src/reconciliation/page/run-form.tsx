import type { Context } from 'hono';
import type { Mchid } from '../../base/ids.js';
import { perLanguage } from '../../base/language.js';
import { errorText, type ErrorCode } from '../../http/kit/api-error.js';
import type { IngressEnv } from '../../http/kit/route.js';
import { ActForm } from '../../ops/kit/acting.js';
import { reconcilableSpan } from '../rules/day.js';
import { CALENDAR_PATH } from './place.js';

/** What somebody asked to be run here, and why it was not. */
export type Refused = { readonly mchid: Mchid; readonly date: string; readonly code: ErrorCode };

type Props = {
  readonly c: Context<IngressEnv>;
  readonly mchid: Mchid;
  readonly now: Date;
  readonly refused: Refused | null;
};

/** Any day that there can be a bill of, of the merchant whose month is shown. */
export function RunForm({ c, mchid, now, refused }: Props) {
  const language = c.get('language');
  const texts = TEXTS[language];
  const { from, to } = reconcilableSpan(now);
  const wrong = refused === null ? {} : ({ 'aria-invalid': 'true', 'aria-describedby': 'date-wrong' } as const);
  return (
    <ActForm class="card fields" action={`${CALENDAR_PATH}/run`} id="run-form" token={c.get('csrfToken')}>
      <h2>{texts.runTitle}</h2>
      <input type="hidden" name="mchid" value={mchid} />
      <div class="field">
        <label for="date">{texts.date}</label>
        <input id="date" name="date" type="date" min={from} max={to} value={refused?.date ?? to} required {...wrong} />
        <p class="hint">{texts.runHint(from, to)}</p>
        {refused === null ? null : (
          <p class="wrong" id="date-wrong" role="alert" data-error={refused.code}>
            {errorText(language, refused.code)}
          </p>
        )}
      </div>
      <p class="buttons">
        <button class="button primary" type="submit" id="run">
          {texts.run}
        </button>
        {c.get('operator').mchids.length < 2 ? null : <span class="soft id">{mchid}</span>}
      </p>
    </ActForm>
  );
}

const TEXTS = perLanguage({
  runTitle: ['对某一天的账', 'Reconcile a day'],
  date: ['日期（北京时间）', 'Day (Beijing time)'],
  runHint: [
    (from: string, to: string) => `${from} 至 ${to}。已对过的会再对一次；正在对的会接上。`,
    (from: string, to: string) =>
      `From ${from} to ${to}. A day that was done is done again; a run that is under way is joined.`,
  ],
  run: ['开始对账', 'Reconcile'],
});
