import { eventWorkflowId, refundWorkflowId } from '../../base/ids.js';
import type { MerchantEventRecord } from '../../shop-events/rules/event.js';
import { standingOf } from '../rules/standing.js';
import type { AttemptRecord } from '../rules/record.js';
import { takesNoMoney } from '../rules/state.js';
import type { RefundRecord } from '../../refunds/rules/record.js';
import { formatAmount } from '../../base/money.js';
import { DECISIONS } from '../../decisions/rules/decisions.js';
import { RESEND } from '../../shop-events/rules/decisions.js';
import { Reason } from './explain-card.js';
import { paths, type OrderPageModel } from './model.js';
import { Cell, Chip, Head, TemporalLink, Time, type Tone } from '../../ops/kit/pieces.js';
import { ORDER_TEXTS } from './text.js';
import { outcomeText } from './timeline-text.js';
import { WORDS } from './words.js';

type Props = { readonly model: OrderPageModel };
type Of<T> = Props & { readonly it: T };

export function Attempts({ model }: Props) {
  const texts = ORDER_TEXTS[model.language];
  return (
    <section class="card" id="attempts">
      <h2>{texts.attempts}</h2>
      <table class="rows">
        <Head labels={[texts.number, texts.product, texts.state, texts.transaction, texts.paid]} />
        <tbody>
          {model.order.attempts.map((it) => (
            <AttemptRow model={model} it={it} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

const ATTEMPT_TONES: Readonly<Record<AttemptRecord['state'] | 'closing', Tone>> = {
  preparing: 'busy',
  open: 'busy',
  closing: 'busy',
  succeeded: 'good',
  closed: 'calm',
  failed: 'calm',
};

function AttemptRow({ model: { language, order }, it }: Of<AttemptRecord>) {
  const [texts, words] = [ORDER_TEXTS[language], WORDS[language]];
  const state = it.state === 'open' && takesNoMoney(standingOf(order)) ? 'closing' : it.state;
  return (
    <tr>
      <Cell label={texts.number}>
        <span class="id">{it.outTradeNo}</span>
      </Cell>
      <Cell label={texts.product}>{words.product[it.product]}</Cell>
      <Cell label={texts.state}>
        <Chip tone={ATTEMPT_TONES[state]}>{words.attempt[state]}</Chip>
        <Reason gateway={it.gateway} language={language} />
      </Cell>
      <Cell label={texts.transaction}>
        <span class="id">{it.transactionId ?? '—'}</span>
      </Cell>
      <Cell label={texts.paid}>
        <b class="money">{formatAmount(it.paidFen)}</b>
      </Cell>
    </tr>
  );
}

export function Refunds({ model }: Props) {
  const texts = ORDER_TEXTS[model.language];
  const { refunds } = model.order;
  return (
    <section class="card" id="refunds">
      <h2>{texts.refunds}</h2>
      {refunds.length === 0 ? (
        <p class="soft">{texts.noRefunds}</p>
      ) : (
        <table class="rows">
          <Head labels={[texts.number, texts.state, texts.cause, texts.sum, '']} />
          <tbody>
            {refunds.map((it) => (
              <RefundRow model={model} it={it} />
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

const REFUND_TONES: Readonly<Record<RefundRecord['state'], Tone>> = {
  requested: 'busy',
  processing: 'busy',
  succeeded: 'good',
  rejected: 'calm',
  closed: 'calm',
  abnormal: 'bad',
};

function RefundRow({ model, it }: Of<RefundRecord>) {
  const { language, order } = model;
  const [texts, words] = [ORDER_TEXTS[language], WORDS[language]];
  return (
    <tr>
      <Cell label={texts.number}>
        <span class="id">{it.outRefundNo}</span>
      </Cell>
      <Cell label={texts.state}>
        <Chip tone={REFUND_TONES[it.state]}>{words.refund[it.state]}</Chip>
        {it.offline ? <span class="soft"> {texts.offline}</span> : null}
        {it.trouble === null ? null : (
          <span class="soft">
            {' '}
            {texts.trouble}: {words.stuck[it.trouble]}
          </span>
        )}
        <Reason gateway={it.gateway} language={language} />
      </Cell>
      <Cell label={texts.cause}>
        {words.cause[it.cause]}
        {it.reason === null ? null : <span class="soft"> · {it.reason}</span>}
      </Cell>
      <Cell label={texts.sum}>
        <b class="money">{formatAmount(it.amountFen)}</b>
      </Cell>
      <Cell label="">
        <span class="row-actions">
          {(model.refundActions.get(it.outRefundNo) ?? []).map((action) => (
            <a class="button small" href={paths.refundAction(order.mchid, it.outRefundNo, action)}>
              {DECISIONS[action].title[language]}
            </a>
          ))}
          <TemporalLink href={model.temporal(refundWorkflowId(order.mchid, it.outRefundNo))} text="Temporal" />
        </span>
      </Cell>
    </tr>
  );
}

export function Events({ model }: Props) {
  const texts = ORDER_TEXTS[model.language];
  return (
    <section class="card" id="events">
      <h2>{texts.events}</h2>
      {model.events.length === 0 ? (
        <p class="soft">{texts.noEvents}</p>
      ) : (
        <table class="rows">
          <Head labels={[texts.event, texts.state, texts.createdAt, texts.deliveries, '']} />
          <tbody>
            {model.events.map((it) => (
              <EventRow model={model} it={it} />
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

const EVENT_TONES: Readonly<Record<MerchantEventRecord['status'], Tone>> = {
  pending: 'busy',
  delivered: 'good',
  withdrawn: 'calm',
  exhausted: 'bad',
  unaddressed: 'bad',
};

function EventRow({ model, it }: Of<MerchantEventRecord>) {
  const { language } = model;
  const [texts, words] = [ORDER_TEXTS[language], WORDS[language]];
  return (
    <tr>
      <Cell label={texts.event}>
        {words.event[it.type]} <code class="soft">{it.type}</code>
      </Cell>
      <Cell label={texts.state}>
        <Chip tone={EVENT_TONES[it.status]}>{words.told[it.status]}</Chip>
      </Cell>
      <Cell label={texts.createdAt}>
        <Time at={it.createdAt} />
      </Cell>
      <Cell label={texts.deliveries}>
        <Deliveries model={model} it={it} />
      </Cell>
      <Cell label="">
        <span class="row-actions">
          {RESEND.isPossible(it) ? (
            <a class="button small" href={paths.resend(it.mchid, it.id)}>
              {DECISIONS.resend.title[language]}
            </a>
          ) : null}
          <TemporalLink href={model.temporal(eventWorkflowId(it.id))} text="Temporal" />
        </span>
      </Cell>
    </tr>
  );
}

function Deliveries({ model: { language }, it }: Of<MerchantEventRecord>) {
  const texts = ORDER_TEXTS[language];
  return (
    <span>
      {it.deliveries.length === 0 ? <span class="soft">{texts.notTried}</span> : null}
      {it.deliveries.map(({ at, status, outcome }) => (
        <span class="delivery">
          <b>{status === 0 ? outcomeText(outcome, language) : status}</b> <Time at={at} />
        </span>
      ))}
      {it.nextAt === null ? null : (
        <span class="delivery soft">
          {texts.nextTry} <Time at={it.nextAt} />
        </span>
      )}
    </span>
  );
}
