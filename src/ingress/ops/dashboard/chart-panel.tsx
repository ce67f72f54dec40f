import type { Language } from '../../../base/language.js';
import type { Chart } from './charts.js';
import { CHART_TEXTS } from './chart-text.js';
import { DASHBOARD_TEXTS } from './text.js';

type PanelProps = { readonly chart: Chart; readonly language: Language };

/** A chart, drawn by the script, and the same numbers as a table. */
export function ChartPanel({ chart, language }: PanelProps) {
  const { id, title } = chart;
  const sum = chart.series.reduce((all, { values }) => all + sumOf(values), 0);
  return (
    <figure class="card chart" id={`chart-${id}`} aria-labelledby={`chart-title-${id}`}>
      <figcaption id={`chart-title-${id}`}>
        {title} <span class="soft chart-sum">{`${CHART_TEXTS[language].total} ${sum}`}</span>
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
  const texts = CHART_TEXTS[language];
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
