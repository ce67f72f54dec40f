import { perLanguage, type Both, type Language } from '../../base/language.js';
import { formatAmount } from '../../base/money.js';
import type { Grouping, Statement, Takings } from '../rules/statement.js';
import { groupName, GROUPING_WORDS } from './words.js';

type Props = { readonly of: Statement; readonly language: Language };

/** A statement as bars, and the table that says the same. */
export function StatementChart({ of, language }: Props) {
  const { groupBy } = of;
  const title = TEXTS[language].title(GROUPING_WORDS[language][groupBy]);
  const items = of.items.filter((it) => SERIES.some((name) => it[name] > 0));
  return (
    <figure class="card chart" id={`chart-${groupBy}`} aria-labelledby={`chart-title-${groupBy}`}>
      <figcaption id={`chart-title-${groupBy}`}>
        {title} <span class="soft chart-sum">{formatAmount(of.totals.paidFen)}</span>
      </figcaption>
      <div class="plot" hidden data-chart={groupBy} data-model={JSON.stringify(modelOf(of, language))}>
        <canvas role="img" aria-label={title} aria-describedby={`chart-table-${groupBy}`}></canvas>
      </div>
      <details>
        <summary>{TEXTS[language].table}</summary>
        <div class="scroll" id={`chart-table-${groupBy}`} tabindex={0} role="region" aria-label={title}>
          {items.length === 0 ? (
            <p class="empty">{TEXTS[language].nothing}</p>
          ) : (
            <Numbers of={of} language={language} />
          )}
        </div>
      </details>
    </figure>
  );
}

/** What the browser draws. */
function modelOf({ groupBy, items }: Statement, language: Language) {
  return {
    id: groupBy,
    unit: 'fen',
    isStacked: false,
    labels: items.map(({ group }) => labelOf(groupBy, group, language)),
    series: SERIES.map((name) => ({
      key: name,
      name: TEXTS[language].series[name],
      values: items.map((it) => it[name]),
    })),
  };
}

const SERIES = ['paidFen', 'refundedFen', 'returnedFen'] as const satisfies readonly (keyof Takings)[];

/** A day without its year: the axis is narrow. */
const labelOf = (groupBy: Grouping, group: string, language: Language): string =>
  groupBy === 'day' ? group.slice('yyyy-'.length) : groupName(groupBy, group, language);

function Numbers({ of: { groupBy, items }, language }: Props) {
  const texts = TEXTS[language];
  return (
    <table class="numbers">
      <thead>
        <tr>
          <th scope="col">{GROUPING_WORDS[language][groupBy]}</th>
          {SERIES.map((name) => (
            <th scope="col">{texts.series[name]}</th>
          ))}
        </tr>
      </thead>
      <tbody>
        {items
          .filter((it) => SERIES.some((name) => it[name] > 0))
          .map((it) => (
            <tr>
              <th scope="row">
                <bdi>{groupName(groupBy, it.group, language)}</bdi>
              </th>
              {SERIES.map((name) => (
                <td>{formatAmount(it[name])}</td>
              ))}
            </tr>
          ))}
      </tbody>
    </table>
  );
}

const TEXTS = perLanguage({
  title: [(by: string) => `按${by}`, (by: string) => `By ${by.toLowerCase()}`],
  series: {
    paidFen: ['收款', 'Paid'],
    refundedFen: ['退款', 'Refunded'],
    returnedFen: ['退回', 'Returned'],
  } satisfies Readonly<Record<(typeof SERIES)[number], Both>>,
  table: ['数字', 'The numbers'],
  nothing: ['没有收支。', 'Nothing was taken or given back.'],
});
