import type { Child } from 'hono/jsx';
import { subjectOf, type InboxRow } from '../store/inbox.js';
import type { InboxStatus } from '../rules/notify.js';
import type { Language } from '../../base/language.js';
import type { Mchid } from '../../base/ids.js';
import { DECISIONS } from '../../decisions/rules/decisions.js';
import { paths } from '../../orders/page/model.js';
import { ActLink } from '../../ops/kit/acting.js';
import { Chip, Money, Table, Time, type Tone } from '../../ops/kit/pieces.js';
import { INBOX_TEXTS, type InboxView } from './text.js';

export type InboxState = {
  readonly mchid: Mchid;
  readonly mchids: readonly Mchid[];
  readonly view: InboxView;
  readonly rows: readonly InboxRow[];
  readonly nextCursor: string | null;
  /** Rows shown of each kind, where there are more and no further page. */
  readonly cappedAt: number | null;
  readonly language: Language;
};

export const INBOX_VIEWS: readonly InboxView[] = [
  'waiting',
  'verified',
  'unmatched',
  'signalled',
  'duplicate',
  'unsupported',
];

type Props = { readonly state: InboxState };

export function InboxPage({ state }: Props) {
  const { rows, cappedAt, nextCursor, language } = state;
  const texts = INBOX_TEXTS[language];
  return (
    <div class="inbox">
      <p class="lead">{texts.lead}</p>
      <Merchants state={state} />
      <Views state={state} />
      <section class="card">
        {rows.length === 0 ? <p class="soft">{texts.none}</p> : <Rows state={state} />}
        {cappedAt === null ? null : <p class="soft">{texts.capped(cappedAt)}</p>}
        {nextCursor === null ? null : (
          <p class="buttons">
            <a class="button" id="older" rel="next" href={inboxPath(state, { cursor: nextCursor })}>
              {texts.more}
            </a>
          </p>
        )}
      </section>
    </div>
  );
}

type Place = { readonly view?: InboxView; readonly cursor?: string };

function inboxPath(state: InboxState, { view = state.view, cursor }: Place): string {
  const query = new URLSearchParams({ mchid: state.mchid, view, ...(cursor === undefined ? {} : { cursor }) });
  return `/ops/inbox?${query.toString()}`;
}

function Merchants({ state: { mchid, mchids, view, language } }: Props) {
  const texts = INBOX_TEXTS[language];
  if (mchids.length < 2) return null;
  return (
    <form class="choose" method="get" action="/ops/inbox">
      <label for="mchid">{texts.merchant}</label>
      <select id="mchid" name="mchid">
        {mchids.map((it) => (
          <option value={it} selected={it === mchid}>
            {it}
          </option>
        ))}
      </select>
      <input type="hidden" name="view" value={view} />
      <button class="button small" type="submit">
        {texts.choose}
      </button>
    </form>
  );
}

function Views({ state }: Props) {
  const texts = INBOX_TEXTS[state.language];
  return (
    <nav class="tabs" aria-label={texts.title}>
      {INBOX_VIEWS.map((view) => (
        <a
          class="tab"
          href={inboxPath(state, { view })}
          {...(view === state.view ? { 'aria-current': 'page' as const } : {})}
        >
          {texts.views[view]}
        </a>
      ))}
    </nav>
  );
}

function Rows({ state: { rows, language } }: Props) {
  const texts = INBOX_TEXTS[language];
  return (
    <Table
      labels={[texts.receivedAt, texts.about, texts.state, texts.says, texts.order, '']}
      rows={rows}
      cellsOf={(row) => cellsOf(row, language)}
      dataOf={({ status }) => ({ 'data-status': status })}
    />
  );
}

const TONES: Readonly<Record<InboxStatus, Tone>> = {
  verified: 'busy',
  unmatched: 'bad',
  signalled: 'good',
  duplicate: 'calm',
  unsupported: 'calm',
};

function cellsOf(row: InboxRow, language: Language): Child[] {
  const texts = INBOX_TEXTS[language];
  const { mchid, orderNo } = row;
  return [
    <>
      <Time at={row.receivedAt} />
      {row.deliveries === 1 ? null : <span class="soft"> · {texts.received(row.deliveries)}</span>}
    </>,
    <>
      {texts.kind[row.kind]} <span class="id">{subjectOf(row)}</span>
    </>,
    <Chip tone={TONES[row.status]}>{texts.views[row.status]}</Chip>,
    <Says row={row} />,
    orderNo === null ? (
      '—'
    ) : (
      <a class="id" href={paths.order({ mchid, orderNo })}>
        {orderNo}
      </a>
    ),
    orderNo === null && row.kind !== 'other' ? null : (
      <ActLink class="button small" href={paths.redrive(mchid, row.id)}>
        {DECISIONS.redrive.title[language]}
      </ActLink>
    ),
  ];
}

/** What the notify claims; only a query of PaySaga's own is believed. */
function Says({ row }: { readonly row: InboxRow }) {
  if (row.evidence === null) return <span>—</span>;
  if (row.kind === 'other') return <span class="id soft">{row.evidence.originalType ?? '—'}</span>;
  return row.kind === 'payment' ? (
    <span>
      <Money fen={row.evidence.totalFen} /> <span class="id soft">{row.evidence.transactionId}</span>
    </span>
  ) : (
    <span>
      {row.evidence.status} <span class="id soft">{row.evidence.refundId}</span>
    </span>
  );
}
