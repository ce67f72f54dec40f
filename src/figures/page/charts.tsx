import { FOUND_BY } from '../../orders/rules/states.js';
import { REFUND_STATES } from '../../refunds/rules/states.js';
import type { Language } from '../../base/language.js';
import { beijingTime, HOUR } from '../../base/time.js';
import { WORDS } from '../../orders/page/words.js';
import { DASHBOARD_TEXTS, type ChartId } from './text.js';
import { DAYS, HOURS, type Figures } from './figures.js';

/** One chart, and the table that says the same: a value of each series for each label. */
type Chart = {
  readonly id: ChartId;
  readonly title: string;
  /** What the labels are. */
  readonly axis: string;
  readonly labels: readonly string[];
  readonly series: readonly Series[];
};

type Series = { readonly key: string; readonly name: string; readonly values: readonly number[] };

const MOST_KINDS = 6;

export function chartsOf(figures: Figures, language: Language): Chart[] {
  const { title, hour, day, took } = DASHBOARD_TEXTS[language].ofCharts;
  const hours = ticks(figures.firstHour, HOURS, HOUR);
  const days = ticks(figures.firstDay, DAYS, 24 * HOUR);
  const clock = hours.map((at) => beijingTime(at).slice(11, 16));
  const dates = days.map((at) => beijingTime(at).slice(5, 10));
  return [
    { id: 'paid', title: title.paid, axis: hour, labels: clock, series: paidSeries(figures, hours, language) },
    { id: 'time', title: title.time, axis: took, ...timeSeries(figures, language) },
    { id: 'refunds', title: title.refunds, axis: day, labels: dates, series: refundSeries(figures, days, language) },
    { id: 'errors', title: title.errors, axis: hour, labels: clock, series: errorSeries(figures, hours, language) },
  ];
}

const ticks = (first: Date, count: number, stepMs: number): Date[] =>
  Array.from({ length: count }, (_, n) => new Date(first.getTime() + n * stepMs));

function paidSeries({ paid }: Figures, hours: readonly Date[], language: Language): Series[] {
  const rows = paid.map((row) => ({ at: row.hour, key: row.foundBy ?? 'unknown', count: row.count }));
  const names = { ...WORDS[language].foundBy, unknown: DASHBOARD_TEXTS[language].ofCharts.unknown };
  const known = FOUND_BY.map((key) => seriesOf(rows, hours, key, names[key]));
  const unknown = seriesOf(rows, hours, 'unknown', names.unknown);
  return unknown.values.some((value) => value > 0) ? [...known, unknown] : known;
}

function timeSeries({ times }: Figures, language: Language): Pick<Chart, 'labels' | 'series'> {
  const { groups, orders } = DASHBOARD_TEXTS[language].ofCharts;
  return { labels: groups, series: [{ key: 'orders', name: orders, values: times }] };
}

function refundSeries({ refunds }: Figures, days: readonly Date[], language: Language): Series[] {
  const rows = refunds.map(({ day, state, count }) => ({ at: day, key: state, count }));
  return REFUND_STATES.map((state) => seriesOf(rows, days, state, WORDS[language].refund[state]));
}

/** The kinds that happened most have a series each; codes of WeChat Pay are shown as they came. */
function errorSeries({ calls }: Figures, hours: readonly Date[], language: Language): Series[] {
  const errors = calls.flatMap(({ hour, error, count }) => (error === null ? [] : [{ at: hour, key: error, count }]));
  const totals = new Map<string, number>();
  for (const { key, count } of errors) totals.set(key, (totals.get(key) ?? 0) + count);
  const kinds = [...totals].toSorted(([a, n], [b, m]) => m - n || (a < b ? -1 : 1)).map(([key]) => key);
  const shown = kinds.slice(0, kinds.length > MOST_KINDS ? MOST_KINDS - 1 : MOST_KINDS);
  const drawn = errors.map((row) => (shown.includes(row.key) ? row : { ...row, key: OTHERS }));
  const series = shown.map((key) => seriesOf(drawn, hours, key, key));
  return kinds.length > shown.length
    ? [...series, seriesOf(drawn, hours, OTHERS, DASHBOARD_TEXTS[language].ofCharts.others)]
    : series;
}

/** No code of WeChat Pay has a space. */
const OTHERS = ' others';

type Row = { readonly at: Date; readonly key: string; readonly count: number };

function seriesOf(rows: readonly Row[], at: readonly Date[], key: string, name: string): Series {
  const ofKey = rows.filter((row) => row.key === key);
  const sumAt = (ms: number): number => ofKey.reduce((sum, row) => sum + (row.at.getTime() === ms ? row.count : 0), 0);
  return { key, name, values: at.map((tick) => sumAt(tick.getTime())) };
}

type PanelProps = { readonly chart: Chart; readonly language: Language };

export function ChartPanel({ chart, language }: PanelProps) {
  const { id, title } = chart;
  const sum = chart.series.reduce((all, { values }) => all + sumOf(values), 0);
  return (
    <figure class="card chart" id={`chart-${id}`} aria-labelledby={`chart-title-${id}`}>
      <figcaption id={`chart-title-${id}`}>
        {title} <span class="soft chart-sum">{`${DASHBOARD_TEXTS[language].ofCharts.total} ${sum}`}</span>
      </figcaption>
      <div class="plot" hidden data-chart={id}>
        <canvas role="img" aria-label={title} aria-describedby={`chart-table-${id}`}></canvas>
      </div>
      <details>
        <summary>{DASHBOARD_TEXTS[language].table}</summary>
        <div class="scroll" id={`chart-table-${id}`} data-live tabindex={0} role="region" aria-label={title}>
          <ChartTable chart={chart} language={language} />
        </div>
      </details>
    </figure>
  );
}

/** Rows in which nothing happened are left out. */
function ChartTable({ chart: { axis, labels, series }, language }: PanelProps) {
  const texts = DASHBOARD_TEXTS[language].ofCharts;
  const shown = series.filter(({ values }) => sumOf(values) > 0);
  const rows = labels.map((label, n) => ({ label, values: shown.map(({ values }) => values[n] ?? 0) }));
  if (shown.length === 0) return <p class="empty">{texts.none}</p>;
  return (
    <table class="numbers">
      <thead>
        <tr>
          <th scope="col">{axis}</th>
          {shown.map(({ name }) => (
            <th scope="col">{name}</th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows
          .filter(({ values }) => sumOf(values) > 0)
          .map(({ label, values }) => (
            <tr>
              <th scope="row">{label}</th>
              {values.map((value) => (
                <td>{value}</td>
              ))}
            </tr>
          ))}
      </tbody>
    </table>
  );
}

const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);
