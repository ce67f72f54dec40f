import type { Hono } from 'hono';
import type { Child } from 'hono/jsx';
import type { Mchid } from '../../base/ids.js';
import type { Language } from '../../base/language.js';
import type { Db } from '../../db/connection.js';
import { pageOf } from '../../http/kit/call.js';
import type { IngressDeps, IngressEnv } from '../../http/kit/route.js';
import { chosenMerchants } from '../../ops/kit/merchants.js';
import { page } from '../../ops/kit/page.js';
import { Chip, Money, Table, Time } from '../../ops/kit/pieces.js';
import { paths } from '../../orders/page/model.js';
import { REFUND_TONES } from '../../orders/page/tables.js';
import { WORDS } from '../../orders/page/words.js';
import type { RefundRecord } from '../../refunds/rules/record.js';
import { REFUND_CAUSES } from '../../refunds/rules/states.js';
import { findRefunds } from '../../refunds/store/find.js';
import { listRefunds } from '../../refunds/store/list.js';
import { enteredOf, readRefunds, REFUND_STATE_CHOICES, type Entered } from './entered.js';
import { Choice } from './filter-form.js';
import { PAGE_ROWS, SearchedList, type Found } from './found.js';
import { LIST_TEXTS } from './text.js';

/** `/ops/refunds`: all refunds of the operator's merchants, as `/ops/orders`. */
export function registerOpsRefunds(app: Hono<IngressEnv>, deps: IngressDeps): void {
  app.get(paths.refunds, async (c) => {
    const [language, mchids] = [c.get('language'), chosenMerchants(c)];
    const texts = LIST_TEXTS[language];
    const entered = enteredOf(c.req.query());
    const asked = readRefunds(entered);
    const found = asked.ok
      ? await load(deps.connection.db, { ...asked.value, mchids, cursor: c.req.query('cursor') })
      : NONE;
    return page(
      c,
      { title: texts.refunds, active: paths.orders, status: asked.ok ? 200 : 400 },
      <SearchedList
        {...{ c, entered, asked, found }}
        path={paths.refunds}
        id="refunds"
        hint={texts.refundsHint}
        choices={<StateAndCause entered={entered} language={language} />}
      >
        <RefundRows rows={found.items} language={language} namesMerchant={mchids.length > 1} />
      </SearchedList>,
    );
  });
}

const NONE: Found<RefundRecord> = { items: [], nextCursor: null, lookedBackTo: null };

type Asked = Extract<ReturnType<typeof readRefunds>, { ok: true }>['value'] & {
  readonly mchids: readonly Mchid[];
  readonly cursor: string | undefined;
};

async function load(db: Db, { q, ...asked }: Asked): Promise<Found<RefundRecord>> {
  const request = { ...asked, time: 'created', limit: PAGE_ROWS } as const;
  if (q !== undefined) return pageOf(await findRefunds(db, { ...request, q }));
  return { ...pageOf(await listRefunds(db, request)), lookedBackTo: null };
}

function StateAndCause({ entered, language }: { readonly entered: Entered; readonly language: Language }) {
  const [texts, words] = [LIST_TEXTS[language], WORDS[language]];
  const states = REFUND_STATE_CHOICES.map(
    (it) => [it, it === 'unsettled' ? texts.unsettled : words.refund[it]] as const,
  );
  const causes = REFUND_CAUSES.map((it) => [it, words.cause[it]] as const);
  return (
    <>
      <Choice name="state" label={texts.state} entered={entered} options={[['', texts.anyState], ...states]} />
      <Choice name="cause" label={texts.cause} entered={entered} options={[['', texts.anyCause], ...causes]} />
    </>
  );
}

type RowsProps = {
  readonly rows: readonly RefundRecord[];
  readonly language: Language;
  readonly namesMerchant: boolean;
};

function RefundRows({ rows, language, namesMerchant }: RowsProps) {
  const texts = LIST_TEXTS[language];
  return (
    <Table
      kind="refund-rows"
      labels={[texts.time, texts.refund, texts.sum, texts.state, texts.cause, texts.arrived]}
      rows={rows}
      cellsOf={(refund) => refundCells(refund, language, namesMerchant)}
      dataOf={(refund) => ({ 'data-refund': refund.outRefundNo, 'data-state': refund.state })}
    />
  );
}

function refundCells(refund: RefundRecord, language: Language, namesMerchant: boolean): Child[] {
  const words = WORDS[language];
  const { mchid, orderNo, outRefundNo, reason, succeededAt } = refund;
  return [
    <Time at={refund.createdAt} />,
    <>
      <span class="id">{outRefundNo}</span>
      <span class="why">
        <a class="id" href={paths.order({ mchid, orderNo })}>
          {orderNo}
        </a>
        {namesMerchant ? <span class="id"> · {mchid}</span> : null}
      </span>
    </>,
    <Money fen={refund.amountFen} />,
    <Chip tone={REFUND_TONES[refund.state]}>{words.refund[refund.state]}</Chip>,
    <>
      {words.cause[refund.cause]}
      {reason === null ? null : (
        <span class="why">
          <bdi>{reason}</bdi>
        </span>
      )}
    </>,
    succeededAt === null ? <span class="soft">—</span> : <Time at={succeededAt} />,
  ];
}
