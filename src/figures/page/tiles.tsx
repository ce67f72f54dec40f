import type { Child } from 'hono/jsx';
import type { Language } from '../../base/language.js';
import { formatAmount } from '../../base/money.js';
import { typedBeijing } from '../../decisions/page/fields.js';
import { paths } from '../../orders/page/model.js';
import { pathWith } from '../../reconciliation/page/place.js';
import { closedState } from '../../search/page/entered.js';
import type { Figures } from './figures.js';
import { DASHBOARD_TEXTS } from './text.js';

type Heap = { readonly count: number; readonly sumFen: number };

const sumOf = (heaps: readonly Heap[]): Heap => ({
  count: countOf(heaps),
  sumFen: heaps.reduce((sum, { sumFen }) => sum + sumFen, 0),
});

const countOf = (heaps: readonly Pick<Heap, 'count'>[]): number => heaps.reduce((sum, heap) => sum + heap.count, 0);

type TilesProps = { readonly figures: Figures; readonly language: Language; readonly mchid: string | undefined };

export function Tiles({ figures, language, mchid }: TilesProps) {
  const texts = DASHBOARD_TEXTS[language];
  return (
    <div class="tile-rows">
      <h2>{texts.now}</h2>
      <Now figures={figures} language={language} mchid={mchid} />
      <h2>{texts.lastDay}</h2>
      <LastDay figures={figures} language={language} mchid={mchid} />
    </div>
  );
}

function Now({ figures, language, mchid }: TilesProps) {
  const texts = DASHBOARD_TEXTS[language];
  const { stuck, waiting, open, approvals, events, inbox } = figures;
  const asked = sumOf(approvals);
  const inState = (state: string): Heap => sumOf(waiting.filter((row) => row.state === state));
  const inInbox = (status: string): number => countOf(inbox.filter((row) => row.status === status));
  const atRisk = stuck.map(({ reason, count: n, atRiskFen }) => ({ reason, count: n, sumFen: atRiskFen }));
  const all = sumOf(atRisk);
  const review = sumOf(atRisk.filter(({ reason }) => reason === 'review'));
  const handedOn = inInbox('verified');
  return (
    <ul class="tiles">
      <Tile
        id="stuck-count"
        label={texts.stuck}
        value={count(all.count, language)}
        note={texts.atRisk(formatAmount(all.sumFen))}
        href={withMerchant('/ops/stuck', mchid)}
        isBad={all.count > 0}
      />
      <Tile
        label={texts.review}
        value={count(review.count, language)}
        note={texts.atRisk(formatAmount(review.sumFen))}
        href={withMerchant('/ops/stuck?reason=review', mchid)}
        isBad={review.count > 0}
      />
      <MoneyTile
        label={texts.awaiting}
        heap={inState('awaitingPayment')}
        language={language}
        href={pathWith(paths.orders, { state: 'awaitingPayment', mchid })}
      />
      <MoneyTile
        label={texts.creating}
        heap={inState('creating')}
        language={language}
        href={pathWith(paths.orders, { state: 'creating', mchid })}
      />
      <MoneyTile
        label={texts.refunds}
        heap={sumOf(open)}
        language={language}
        href={pathWith(paths.refunds, { state: 'unsettled', mchid })}
      />
      <Tile
        id="approvals-count"
        label={texts.approvals}
        value={count(asked.count, language)}
        note={formatAmount(asked.sumFen)}
        href={withMerchant('/ops/approvals', mchid)}
        isBad={asked.count > 0}
      />
      <Tile
        label={texts.events}
        value={count(countOf(events), language)}
        href={withMerchant('/ops/stuck?reason=shop_unreachable', mchid)}
      />
      <Tile
        label={texts.unmatched}
        value={count(inInbox('unmatched'), language)}
        note={handedOn === 0 ? undefined : texts.waitingToBeHandedOn(count(handedOn, language))}
        href={withMerchant('/ops/inbox', mchid)}
        isBad={inInbox('unmatched') > 0}
      />
    </ul>
  );
}

export const withMerchant = (path: string, mchid: string | undefined): string =>
  mchid === undefined ? path : `${path}${path.includes('?') ? '&' : '?'}mchid=${mchid}`;

function LastDay({ figures, language, mchid }: TilesProps) {
  const texts = DASHBOARD_TEXTS[language];
  const { paid, closed, calls, firstHour } = figures;
  const errors = countOf(calls.filter(({ error }) => error !== null));
  const isRefused = ({ closedReason }: Figures['closed'][number]): boolean => closedReason === 'rejected';
  const since = (asked: Readonly<Record<string, string>>) =>
    pathWith(paths.orders, { ...asked, from: typedBeijing(firstHour), mchid });
  return (
    <ul class="tiles">
      <MoneyTile
        id="paid-count"
        label={texts.paid}
        heap={sumOf(paid)}
        language={language}
        href={since({ by: 'paid' })}
      />
      <MoneyTile
        label={texts.closed}
        heap={sumOf(closed.filter((row) => !isRefused(row)))}
        language={language}
        href={since({ state: 'closed' })}
      />
      <MoneyTile
        label={texts.refused}
        heap={sumOf(closed.filter(isRefused))}
        language={language}
        href={since({ state: closedState('rejected') })}
      />
      <Tile
        label={texts.errors}
        value={count(errors, language)}
        note={texts.ofCalls(count(countOf(calls), language))}
        href="#chart-errors"
      />
    </ul>
  );
}

type TileProps = {
  readonly id?: string;
  readonly label: string;
  readonly value: string;
  readonly note?: Child;
  readonly href?: string;
  readonly isBad?: boolean;
};

function Tile({ id, label, value, note, href, isBad = false }: TileProps) {
  const content = (
    <>
      <span class="tile-label">{label}</span> <b class="tile-value">{value}</b>{' '}
      <span class="tile-note">{note ?? '\u00a0'}</span>
    </>
  );
  return (
    <li class={isBad ? 'tile tile-bad' : 'tile'} {...(id === undefined ? {} : { id })}>
      {href === undefined ? <div>{content}</div> : <a href={href}>{content}</a>}
    </li>
  );
}

type MoneyTileProps = Pick<TileProps, 'id' | 'label' | 'href'> & { readonly heap: Heap; readonly language: Language };

const MoneyTile = ({ heap, language, ...named }: MoneyTileProps) => (
  <Tile {...named} value={count(heap.count, language)} note={formatAmount(heap.sumFen)} />
);

const count = (value: number, language: Language): string => value.toLocaleString(language === 'zh' ? 'zh-CN' : 'en');
