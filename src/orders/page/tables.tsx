import type { Child } from 'hono/jsx';
import { eventWorkflowId, refundWorkflowId } from '../../base/ids.js';
import type { MerchantEventRecord } from '../../shop-events/rules/event.js';
import { standingOf } from '../rules/standing.js';
import type { AttemptRecord } from '../rules/record.js';
import { takesNoMoney } from '../rules/state.js';
import type { RefundRecord } from '../../refunds/rules/record.js';
import type { Language } from '../../base/language.js';
import { DECISIONS } from '../../decisions/rules/decisions.js';
import { RESEND } from '../../shop-events/rules/decisions.js';
import { Reason } from './explain-card.js';
import { paths, type OrderPageModel } from './model.js';
import { ActLink } from '../../ops/kit/acting.js';
import { Card, Chip, Money, Table, TemporalLink, Time, type TableProps, type Tone } from '../../ops/kit/pieces.js';
import { ORDER_TEXTS } from './text.js';
import { outcomeText } from './timeline-text.js';
import { WORDS } from './words.js';

type Props = { readonly model: OrderPageModel };

export function Attempts({ model }: Props) {
  const texts = ORDER_TEXTS[model.language];
  return (
    <TableCard
      id="attempts"
      title={texts.attempts}
      labels={[texts.number, texts.product, texts.state, texts.transaction, texts.paid]}
      rows={model.order.attempts}
      cellsOf={(attempt) => attemptCells(model, attempt)}
    />
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

function attemptCells({ language, order }: OrderPageModel, attempt: AttemptRecord): Child[] {
  const words = WORDS[language];
  const state = attempt.state === 'open' && takesNoMoney(standingOf(order)) ? 'closing' : attempt.state;
  return [
    <span class="id">{attempt.outTradeNo}</span>,
    words.product[attempt.product],
    <>
      <Chip tone={ATTEMPT_TONES[state]}>{words.attempt[state]}</Chip>
      <Reason gateway={attempt.gateway} language={language} />
    </>,
    <span class="id">{attempt.transactionId ?? '—'}</span>,
    <Money fen={attempt.paidFen} />,
  ];
}

export function Refunds({ model }: Props) {
  const texts = ORDER_TEXTS[model.language];
  return (
    <TableCard
      id="refunds"
      title={texts.refunds}
      none={model.approvals.some(({ status }) => status === 'pending') ? texts.refundsWait : texts.noRefunds}
      labels={[texts.number, texts.state, texts.cause, texts.sum, '']}
      rows={model.order.refunds}
      cellsOf={(refund) => refundCells(model, refund)}
    />
  );
}

export const REFUND_TONES: Readonly<Record<RefundRecord['state'], Tone>> = {
  requested: 'busy',
  processing: 'busy',
  succeeded: 'good',
  rejected: 'calm',
  closed: 'calm',
  abnormal: 'bad',
};

function refundCells(model: OrderPageModel, refund: RefundRecord): Child[] {
  const { language } = model;
  const [texts, words] = [ORDER_TEXTS[language], WORDS[language]];
  const { mchid, outRefundNo, trouble, reason } = refund;
  return [
    <span class="id">{outRefundNo}</span>,
    <>
      <Chip tone={REFUND_TONES[refund.state]}>{words.refund[refund.state]}</Chip>
      {refund.offline ? <span class="soft"> {texts.offline}</span> : null}
      {trouble === null ? null : <span class="soft">{` ${texts.trouble}: ${words.stuck[trouble]}`}</span>}
      <Reason gateway={refund.gateway} language={language} />
    </>,
    <>
      {words.cause[refund.cause]}
      {reason === null ? null : <span class="soft"> · {reason}</span>}
    </>,
    <Money fen={refund.amountFen} />,
    <span class="row-actions">
      {(model.refundActions.get(outRefundNo) ?? []).map((action) => (
        <ActLink class="button small" href={paths.refundAction(mchid, outRefundNo, action)}>
          {DECISIONS[action].title[language]}
        </ActLink>
      ))}
      <TemporalLink href={model.temporal(refundWorkflowId(mchid, outRefundNo))} text="Temporal" />
    </span>,
  ];
}

type EventsModel = Pick<OrderPageModel, 'language' | 'temporal' | 'events' | 'hasEndpoint'> & {
  /** Unless told, the refund of an event. */
  readonly aboutOf?: (event: MerchantEventRecord) => Child;
};

/** Of an order, or of a day. */
export function Events({ model }: { readonly model: EventsModel }) {
  const texts = ORDER_TEXTS[model.language];
  return (
    <TableCard
      id="events"
      title={texts.events}
      none={texts.noEvents}
      labels={[texts.event, texts.state, texts.createdAt, texts.deliveries, '']}
      rows={model.events}
      cellsOf={(event) => eventCells(model, event)}
    />
  );
}

const EVENT_TONES: Readonly<Record<MerchantEventRecord['status'], Tone>> = {
  pending: 'busy',
  delivered: 'good',
  withdrawn: 'calm',
  exhausted: 'bad',
  unaddressed: 'bad',
};

const refundOf = ({ outRefundNo }: MerchantEventRecord): Child =>
  outRefundNo === null ? null : <span class="why id">{outRefundNo}</span>;

function eventCells(
  { language, temporal, hasEndpoint, aboutOf = refundOf }: EventsModel,
  event: MerchantEventRecord,
): Child[] {
  const { mchid, id, type, status } = event;
  const words = WORDS[language];
  return [
    <>
      {words.event[type]} <code class="soft">{type}</code>
      {aboutOf(event)}
    </>,
    <Chip tone={EVENT_TONES[status]}>{words.told[status]}</Chip>,
    <Time at={event.createdAt} />,
    <Deliveries event={event} language={language} />,
    <span class="row-actions">
      {RESEND.isPossible(event, hasEndpoint) ? (
        <ActLink class="button small" href={paths.resend(mchid, id)}>
          {DECISIONS.resend.title[language]}
        </ActLink>
      ) : null}
      <TemporalLink href={temporal(eventWorkflowId(id))} text="Temporal" />
    </span>,
  ];
}

type DeliveriesProps = { readonly event: MerchantEventRecord; readonly language: Language };

function Deliveries({ event: { deliveries, nextAt }, language }: DeliveriesProps) {
  const texts = ORDER_TEXTS[language];
  return (
    <span>
      {deliveries.length === 0 ? <span class="soft">{texts.notTried}</span> : null}
      {deliveries.map(({ at, status, outcome }) => (
        <span class="delivery">
          <b>{status === 0 ? outcomeText(outcome, language) : status}</b> <Time at={at} />
        </span>
      ))}
      {nextAt === null ? null : (
        <span class="delivery soft">
          {texts.nextTry} <Time at={nextAt} />
        </span>
      )}
    </span>
  );
}

type TableCardProps<Row> = TableProps<Row> & { readonly id: string; readonly title: string; readonly none?: string };

const TableCard = <Row,>({ id, title, none, ...table }: TableCardProps<Row>) => (
  <Card id={id} title={title}>
    {table.rows.length === 0 ? <p class="soft">{none}</p> : <Table {...table} />}
  </Card>
);
