import type { BulkPreview } from '../store/choice.js';
import type { Language } from '../../base/language.js';
import type { BulkRequest } from '../api/request.js';
import { formatAmount } from '../../base/money.js';
import { DECISIONS } from '../../decisions/rules/decisions.js';
import { ActForm } from '../../ops/kit/acting.js';
import { orderTone, paths } from '../../orders/page/model.js';
import { Card, Chip, Facts, Money, Table, Time } from '../../ops/kit/pieces.js';
import { beijingTime } from '../../base/time.js';
import { WORDS } from '../../orders/page/words.js';
import type { EnteredBulk } from './entered.js';
import { BULK_TEXTS } from './text.js';

type PreviewState = {
  readonly request: BulkRequest;
  readonly preview: BulkPreview;
  readonly entered: EnteredBulk;
  /** Names the page: sent twice, it starts one bulk. */
  readonly nonce: string;
  readonly isUnconfirmed: boolean;
  readonly language: Language;
  readonly csrfToken: string;
};

type Props = { readonly state: PreviewState };

export function PreviewPage({ state }: Props) {
  const { request, preview, language } = state;
  const texts = BULK_TEXTS[language];
  const { orderNos } = request.filter;
  return (
    <div class="bulk" id="preview" data-count={preview.count}>
      <section class="card">
        <dl class="facts">
          <Facts of={factsOf(state)} />
        </dl>
        <p>{doesText(request, language)}</p>
        {orderNos === undefined ? null : <p>{texts.named(preview.count, orderNos.length)}</p>}
        {preview.count === 0 ? (
          <p class="wrong" id="nothing-found" role="alert">
            {texts.nothingFound}
          </p>
        ) : null}
      </section>
      {preview.count === 0 ? null : <Sample state={state} />}
      <Confirm state={state} />
    </div>
  );
}

function factsOf({ request, preview, language }: PreviewState) {
  const texts = BULK_TEXTS[language];
  return [
    [
      texts.action,
      <>
        <b>{DECISIONS[request.action].title[language]}</b> <span class="soft id">{request.mchid}</span>
      </>,
    ],
    [texts.count, <b class="figure">{preview.count}</b>],
    [texts.sum, <b class="figure money">{formatAmount(preview.sumFen)}</b>],
    [texts.reason, request.reason],
  ] as const;
}

function doesText({ action, until }: BulkRequest, language: Language): string {
  const texts = BULK_TEXTS[language];
  return action === 'extend' ? texts.extends(until === undefined ? '' : beijingTime(until)) : texts.does[action];
}

function Sample({ state: { preview, request, language } }: Props) {
  const [texts, words] = [BULK_TEXTS[language], WORDS[language]];
  return (
    <Card title={texts.sample(preview.sample.length)}>
      <Table
        labels={[texts.orderNo, texts.amount, texts.state, texts.deadline]}
        rows={preview.sample}
        cellsOf={(order) => [
          <a class="id" href={paths.order({ mchid: request.mchid, orderNo: order.orderNo })}>
            {order.orderNo}
          </a>,
          <Money fen={order.amountFen} />,
          <Chip tone={orderTone(order)}>
            {order.stuckReason === null ? words.state[order.state] : words.stuck[order.stuckReason]}
          </Chip>,
          <Time at={order.expiresAt} />,
        ]}
      />
    </Card>
  );
}

function Confirm({ state }: Props) {
  const { preview, entered, language } = state;
  const texts = BULK_TEXTS[language];
  return (
    <ActForm class="card fields" action="/ops/bulk/run" token={state.csrfToken}>
      <input type="hidden" name="nonce" value={state.nonce} />
      {Object.entries(entered).map(([name, value]) => (
        <input type="hidden" name={name} value={value} />
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
    </ActForm>
  );
}

/** Back to the form with what was typed; a list of numbers that no address can hold is left behind. */
function changePath(entered: EnteredBulk): string {
  const given = Object.entries(entered).filter(([, value]) => value !== '' && value.length <= 2_000);
  const query = new URLSearchParams(given);
  return `/ops/bulk?${query.toString()}`;
}
