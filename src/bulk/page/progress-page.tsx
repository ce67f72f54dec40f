import type { Language } from '../../base/language.js';
import { errorText, isErrorCode } from '../../http/kit/api-error.js';
import type { BulkStatus } from '../api/calls.js';
import { DECISIONS } from '../../decisions/rules/decisions.js';
import { paths } from '../../orders/page/model.js';
import { Card, Chip, Facts, Table, When } from '../../ops/kit/pieces.js';
import { beijingTime } from '../../base/time.js';
import { BULK_TEXTS } from './text.js';

type ProgressState = { readonly bulk: BulkStatus; readonly now: Date; readonly language: Language };

type Props = { readonly state: ProgressState };

export function ProgressPage({ state }: Props) {
  const { bulk, language } = state;
  const texts = BULK_TEXTS[language];
  const isOver = bulk.finishedAt !== null;
  return (
    <div class="bulk" id="bulk" data-finished={String(isOver)}>
      <section class="card">
        <p class="progress-head">
          <Chip tone={isOver ? 'good' : 'busy'}>{isOver ? texts.finished : texts.running}</Chip>
          <b>
            {bulk.done + bulk.failedCount} / {bulk.total}
          </b>
        </p>
        <progress
          class="progress"
          aria-label={texts.progress}
          max={Math.max(1, bulk.total)}
          value={bulk.done + bulk.failedCount}
        ></progress>
        <Numbers state={state} />
        {isOver ? null : <p class="hint">{texts.refreshes}</p>}
        <p class="buttons">
          <a class="button" href="/ops/bulk">
            {texts.again}
          </a>
        </p>
      </section>
      {bulk.failedCount === 0 ? null : <Failures state={state} />}
    </div>
  );
}

function Numbers({ state: { bulk, now, language } }: Props) {
  const texts = BULK_TEXTS[language];
  const when = (at: Date) => <When at={at} now={now} language={language} />;
  const action = DECISIONS[bulk.action].title[language];
  return (
    <dl class="facts">
      <Facts
        of={[
          [texts.done, <Figure id="done" count={bulk.done} />],
          [texts.failed, <Figure id="failed" count={bulk.failedCount} />],
          [texts.left, <b class="figure">{bulk.total - bulk.done - bulk.failedCount}</b>],
          [texts.action, bulk.until === null ? action : `${action} → ${beijingTime(bulk.until)}`],
          [texts.merchant, <span class="id">{bulk.mchid}</span>],
          [texts.reason, bulk.reason],
          [texts.by, bulk.actor],
          [texts.startedAt, when(bulk.createdAt)],
          [texts.finishedAt, bulk.finishedAt === null ? null : when(bulk.finishedAt)],
        ]}
      />
    </dl>
  );
}

const Figure = ({ id, count }: { readonly id: string; readonly count: number }) => (
  <b class="figure" id={id}>
    {count}
  </b>
);

function Failures({ state: { bulk, language } }: Props) {
  const texts = BULK_TEXTS[language];
  return (
    <Card id="failures" title={texts.failures}>
      {bulk.failed.length < bulk.failedCount ? <p class="soft">{texts.firstOnly(bulk.failed.length)}</p> : null}
      <Table
        labels={[texts.orderNo, texts.why]}
        rows={bulk.failed}
        cellsOf={({ orderNo, code }) => [
          <FailedOrder mchid={bulk.mchid} orderNo={orderNo} code={code} />,
          <>
            {isErrorCode(code) ? errorText(language, code) : code} <code class="soft">{code}</code>
          </>,
        ]}
        dataOf={({ code }) => ({ 'data-code': code })}
      />
    </Card>
  );
}

type FailedProps = { readonly mchid: string; readonly orderNo: string; readonly code: string };

const FailedOrder = ({ mchid, orderNo, code }: FailedProps) =>
  code === 'order_not_found' ? (
    <span class="id">{orderNo}</span>
  ) : (
    <a class="id" href={paths.order({ mchid, orderNo })}>
      {orderNo}
    </a>
  );
