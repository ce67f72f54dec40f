import type { Child } from 'hono/jsx';
import type { Language } from '../../base/language.js';
import { Card, Chip, Table, When } from '../../ops/kit/pieces.js';
import { BILL_KINDS } from '../rules/bill-line.js';
import { CLASSES } from '../rules/classes.js';
import type { BillRecord, DayRef } from '../store/bill.js';
import type { DayDetail, DaySum } from '../store/day.js';
import { DAY_TEXTS } from './day-text.js';
import { Difference, Side } from './numbers.js';
import { billCsvPath, DISCREPANCIES_PATH, linesPath, pathWith } from './place.js';
import { BILL_TONES, classWords, distrustWords, RECONCILIATION_WORDS } from './words.js';

type Props = {
  readonly day: DayDetail;
  readonly now: Date;
  readonly language: Language;
};

export function Bills({ day, now, language }: Props) {
  const [texts, words] = [DAY_TEXTS[language], RECONCILIATION_WORDS[language]];
  return (
    <Card id="bills" title={texts.bills}>
      <Table
        labels={[texts.bill, texts.state, texts.lines, texts.sha1, texts.fetchedAt, '']}
        rows={BILL_KINDS.map(
          (kind) => day.bills.find((it) => it.kind === kind) ?? { ...NO_BILL, kind, date: day.date },
        )}
        cellsOf={(bill): Child[] => [
          words.bill[bill.kind],
          <>
            <Chip tone={BILL_TONES[bill.state]}>{words.billState[bill.state]}</Chip>{' '}
            {bill.distrust !== null && bill.state === 'imported' ? texts.notReplaced : null}
            {bill.distrust === null ? null : distrustWords(bill.distrust, language)}{' '}
            {bill.distrustWhy === null ? null : <code>{bill.distrustWhy}</code>}
          </>,
          bill.lines,
          bill.sha1 === null ? '—' : <code>{bill.sha1}</code>,
          bill.fetchedAt === null ? '—' : <When at={bill.fetchedAt} now={now} language={language} />,
          bill.state === 'imported' ? <Download href={billCsvPath(day, bill.kind)} text={texts.csv} /> : null,
        ]}
        dataOf={({ kind, state }) => ({ 'data-bill': kind, 'data-state': state })}
      />
    </Card>
  );
}

const NO_BILL: Omit<BillRecord, 'kind' | 'date'> = {
  ...{ state: 'waiting', distrust: null, distrustWhy: null, sha1: null, lines: 0, summary: null, fetchedAt: null },
};

const Download = ({ href, text }: { readonly href: string; readonly text: string }) => (
  <a class="button small" href={href} download>
    {text}
  </a>
);

export function Classes({ day, language }: Omit<Props, 'now'>) {
  const texts = DAY_TEXTS[language];
  return (
    <Card id="classes" title={texts.classes}>
      {day.sums.length === 0 ? (
        <p class="empty">{texts.nothing}</p>
      ) : (
        <>
          <p class="hint">{texts.classesHint}</p>
          <Table
            kind="day-sums"
            labels={[texts.class, texts.subject, texts.count, texts.billSum, texts.ownSum, texts.difference]}
            rows={day.sums.toSorted((a, b) => CLASSES.indexOf(a.class) - CLASSES.indexOf(b.class))}
            cellsOf={(sum) => sumCells(day, sum, language)}
            dataOf={(sum) => ({ 'data-class': sum.class, 'data-subject': sum.subject })}
          />
        </>
      )}
      <DiscrepancyLinks day={day} language={language} />
    </Card>
  );
}

const sumCells = (day: DayRef, sum: DaySum, language: Language): Child[] => [
  <>
    <a href={linesPath(day, sum.class)}>{classWords(sum.class, language, sum.isDiscrepant)}</a>{' '}
    {sum.isDiscrepant ? <Chip tone="bad">{DAY_TEXTS[language].discrepancy}</Chip> : null}
  </>,
  RECONCILIATION_WORDS[language].subject[sum.subject],
  sum.count,
  <Side of={sum} says="billFen" />,
  <Side of={sum} says="ownFen" />,
  <Difference of={sum} isDiscrepant={sum.isDiscrepant} />,
];

function DiscrepancyLinks({ day: { mchid, date }, language }: Omit<Props, 'now'>) {
  const all = { mchid, status: 'any', from: date, to: date };
  return (
    <p class="buttons table-links">
      <a class="button" href={pathWith(DISCREPANCIES_PATH, all)}>
        {DAY_TEXTS[language].allDiscrepancies}
      </a>
      <a class="button" href={pathWith(`${DISCREPANCIES_PATH}.csv`, all)} download>
        {DAY_TEXTS[language].discrepanciesCsv}
      </a>
    </p>
  );
}
