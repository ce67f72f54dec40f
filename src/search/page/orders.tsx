import type { Hono } from 'hono';
import type { Child } from 'hono/jsx';
import type { Mchid } from '../../base/ids.js';
import type { Language } from '../../base/language.js';
import type { Db } from '../../db/connection.js';
import { pageOf } from '../../http/kit/call.js';
import type { IngressDeps, IngressEnv } from '../../http/kit/route.js';
import { chosenMerchants } from '../../ops/kit/merchants.js';
import { page, type OpsPage } from '../../ops/kit/page.js';
import { Chip, Money, Table, Time } from '../../ops/kit/pieces.js';
import { orderTone, paths } from '../../orders/page/model.js';
import { WORDS } from '../../orders/page/words.js';
import type { OrderRecord } from '../../orders/rules/record.js';
import { CLOSED_REASONS } from '../../orders/rules/states.js';
import { findOrders } from '../../orders/store/find.js';
import { listOrders, listPaidOrders, type OrderPage } from '../../orders/store/list.js';
import { closedState, enteredOf, ORDER_STATE_CHOICES, readOrders, type Entered } from './entered.js';
import { Choice } from './filter-form.js';
import { PAGE_ROWS, SearchedList, type Found } from './found.js';
import { LIST_TEXTS } from './text.js';

export const ordersPage: OpsPage = {
  section: { path: paths.orders, title: { zh: LIST_TEXTS.zh.orders, en: LIST_TEXTS.en.orders } },
  register: registerOpsOrders,
};

/** `/ops/orders`: all orders of the operator's merchants, by what the address says. */
function registerOpsOrders(app: Hono<IngressEnv>, deps: IngressDeps): void {
  app.get(paths.orders, async (c) => {
    const [language, mchids] = [c.get('language'), chosenMerchants(c)];
    const texts = LIST_TEXTS[language];
    const entered = enteredOf(c.req.query());
    const asked = readOrders(entered);
    const found = asked.ok
      ? await load(deps.connection.db, { ...asked.value, mchids, cursor: c.req.query('cursor') })
      : NONE;
    return page(
      c,
      { title: texts.orders, active: paths.orders, status: asked.ok ? 200 : 400 },
      <SearchedList
        {...{ c, entered, asked, found }}
        path={paths.orders}
        id="orders"
        hint={texts.ordersHint}
        choices={<StateAndTime entered={entered} language={language} />}
      >
        <OrderRows rows={found.items} language={language} namesMerchant={mchids.length > 1} />
      </SearchedList>,
    );
  });
}

const NONE: Found<OrderRecord> = { items: [], nextCursor: null, lookedBackTo: null };

type Asked = Extract<ReturnType<typeof readOrders>, { ok: true }>['value'] & {
  readonly mchids: readonly Mchid[];
  readonly cursor: string | undefined;
};

async function load(db: Db, { q, by, from, to, ...asked }: Asked): Promise<Found<OrderRecord>> {
  const created = by === 'created' ? { createdFrom: from, createdTo: to } : {};
  const paid = by === 'paid' ? { paidFrom: from, paidTo: to } : {};
  const request = { ...asked, limit: PAGE_ROWS };
  // By the time of payment means those that have one.
  const state = by === 'paid' ? { state: request.state ?? 'paid' } : {};
  if (q !== undefined) return pageOf(await findOrders(db, { ...request, ...state, ...created, ...paid, q }));
  const list: OrderPage = pageOf(
    by === 'paid'
      ? await listPaidOrders(db, { ...request, ...paid })
      : await listOrders(db, { ...request, ...created }),
  );
  return { ...list, lookedBackTo: null };
}

type ShownProps = { readonly entered: Entered; readonly language: Language };

function StateAndTime({ entered, language }: ShownProps) {
  const texts = LIST_TEXTS[language];
  const states = ORDER_STATE_CHOICES.map((value) => [value, stateName(value, language)] as const);
  return (
    <>
      <Choice name="state" label={texts.state} entered={entered} options={[['', texts.anyState], ...states]} />
      <Choice
        name="by"
        label={texts.by}
        entered={entered}
        options={[
          ['created', texts.created],
          ['paid', texts.paid],
        ]}
      />
    </>
  );
}

function stateName(choice: string, language: Language): string {
  const words = WORDS[language];
  const reason = CLOSED_REASONS.find((it) => closedState(it) === choice);
  if (reason !== undefined) return `${words.state.closed} · ${words.closed[reason]}`;
  const state = Object.entries(words.state).find(([name]) => name === choice);
  return state?.[1] ?? LIST_TEXTS[language].stuck;
}

type RowsProps = {
  readonly rows: readonly OrderRecord[];
  readonly language: Language;
  readonly namesMerchant: boolean;
};

function OrderRows({ rows, language, namesMerchant }: RowsProps) {
  const texts = LIST_TEXTS[language];
  return (
    <Table
      kind="order-rows"
      labels={[texts.time, texts.order, texts.sum, texts.state, texts.paidAt]}
      rows={rows}
      cellsOf={(order) => orderCells(order, language, namesMerchant)}
      dataOf={(order) => ({ 'data-order': order.orderNo, 'data-state': order.state })}
    />
  );
}

function orderCells(order: OrderRecord, language: Language, namesMerchant: boolean): Child[] {
  const words = WORDS[language];
  const { closedReason, stuckReason, paidAt } = order;
  const because = order.state === 'closed' && closedReason !== null ? ` · ${words.closed[closedReason]}` : '';
  return [
    <Time at={order.createdAt} />,
    <>
      <a class="id" href={paths.order(order)}>
        {order.orderNo}
      </a>
      <span class="why">
        <bdi>{order.description}</bdi>
        {namesMerchant ? <span class="id"> · {order.mchid}</span> : null}
      </span>
    </>,
    <Money fen={order.amountFen} />,
    <>
      <Chip tone={stuckReason === null ? orderTone(order) : 'calm'}>{words.state[order.state] + because}</Chip>{' '}
      {stuckReason === null ? null : <Chip tone="bad">{words.stuck[stuckReason]}</Chip>}
    </>,
    paidAt === null ? <span class="soft">—</span> : <Time at={paidAt} />,
  ];
}
