import type { BulkPreview, BulkSample } from '../store/choice.js';
import type { Language } from '../../base/language.js';
import type { BulkRequest } from '../api/request.js';
import { formatAmount } from '../../base/money.js';
import { DECISIONS } from '../../decisions/rules/decisions.js';
import { CsrfField } from '../../ops/kit/form.js';
import { orderTone, paths } from '../../orders/page/model.js';
import { Cell, Chip, Fact, Head, Time } from '../../ops/kit/pieces.js';
import { beijingTime } from '../../base/time.js';
import { WORDS } from '../../orders/page/words.js';
import { BULK_FIELDS, type EnteredBulk } from './entered.js';
import { BULK_TEXTS } from './text.js';

export type PreviewState = {
  readonly request: BulkRequest;
  readonly preview: BulkPreview;
  readonly entered: EnteredBulk;
  /** The same in each sending of this page, so that two are one bulk. */
  readonly nonce: string;
  readonly isUnconfirmed: boolean;
  readonly language: Language;
  readonly csrfToken: string;
};

type Props = { readonly state: PreviewState };

/** What it would be about, before anything is done. */
export function PreviewPage({ state }: Props) {
  const { request, preview, language } = state;
  const texts = BULK_TEXTS[language];
  const { orderNos } = request.filter;
  return (
    <div class="bulk" id="preview" data-count={preview.count}>
      <section class="card">
        <dl class="facts">
          <Fact label={texts.action}>
            <b>{DECISIONS[request.action].title[language]}</b> <span class="soft id">{request.mchid}</span>
          </Fact>
          <Fact label={texts.count}>
            <b class="figure">{preview.count}</b>
          </Fact>
          <Fact label={texts.sum}>
            <b class="figure money">{formatAmount(preview.sumFen)}</b>
          </Fact>
          <Fact label={texts.reason}>{request.reason}</Fact>
        </dl>
        <p>{doesText(request, language)}</p>
        {orderNos === undefined ? null : <p>{texts.named(preview.count, orderNos.length)}</p>}
        {preview.count === 0 ? (
          <p class="wrong" id="nothing-found" role="alert">
            {texts.nothingFound}
          </p>
        ) : null}
      </section>
      {preview.count === 0 ? null : <Sample sample={preview.sample} request={request} language={language} />}
      <Confirm state={state} />
    </div>
  );
}

function doesText({ action, until }: BulkRequest, language: Language): string {
  const texts = BULK_TEXTS[language];
  return action === 'extend' ? texts.extends(until === undefined ? '' : beijingTime(until)) : texts.does[action];
}

type SampleProps = {
  readonly sample: readonly BulkSample[];
  readonly request: BulkRequest;
  readonly language: Language;
};

function Sample({ sample, request, language }: SampleProps) {
  const [texts, words] = [BULK_TEXTS[language], WORDS[language]];
  return (
    <section class="card">
      <h2>{texts.sample(sample.length)}</h2>
      <table class="rows">
        <Head labels={[texts.orderNo, texts.amount, texts.state, texts.deadline]} />
        <tbody>
          {sample.map((it) => (
            <tr>
              <Cell label={texts.orderNo}>
                <a class="id" href={paths.order({ mchid: request.mchid, orderNo: it.orderNo })}>
                  {it.orderNo}
                </a>
              </Cell>
              <Cell label={texts.amount}>
                <b class="money">{formatAmount(it.amountFen)}</b>
              </Cell>
              <Cell label={texts.state}>
                <Chip tone={orderTone(it)}>
                  {it.stuckReason === null ? words.state[it.state] : words.stuck[it.stuckReason]}
                </Chip>
              </Cell>
              <Cell label={texts.deadline}>
                <Time at={it.expiresAt} />
              </Cell>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Confirm({ state }: Props) {
  const { preview, entered, language } = state;
  const texts = BULK_TEXTS[language];
  return (
    <form class="card fields" method="post" action="/ops/bulk/run">
      <CsrfField token={state.csrfToken} />
      <input type="hidden" name="nonce" value={state.nonce} />
      {BULK_FIELDS.map((name) => (
        <input type="hidden" name={name} value={entered[name]} />
      ))}
      {preview.count === 0 ? null : (
        <div class="field">
          <p>{texts.settled}</p>
          <label class="tick">
            <input type="checkbox" id="confirm" name="confirm" value="yes" required />{' '}
            {texts.confirm(preview.count, formatAmount(preview.sumFen))}
          </label>
          {state.isUnconfirmed ? (
            <p class="wrong" role="alert" data-error="confirm_required">
              {texts.fields.confirm_required}
            </p>
          ) : null}
        </div>
      )}
      <p class="buttons">
        {preview.count === 0 ? null : (
          <button class="button primary" type="submit" id="run">
            {texts.run}
          </button>
        )}
        <a class="button" href={changePath(entered)}>
          {texts.change}
        </a>
      </p>
    </form>
  );
}

/** Back to the form with what was typed; a list of numbers that no address can hold is left behind. */
function changePath(entered: EnteredBulk): string {
  const given = BULK_FIELDS.filter((name) => entered[name] !== '' && entered[name].length <= 2_000);
  const query = new URLSearchParams(given.map((name): [string, string] => [name, entered[name]]));
  return `/ops/bulk?${query.toString()}`;
}
