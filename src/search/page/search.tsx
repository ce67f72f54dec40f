import type { Hono } from 'hono';
import { type FoundNumber, searchOrders, type SearchHit } from '../store/search.js';
import { perLanguage, type Both, type Language } from '../../base/language.js';
import type { IngressDeps, IngressEnv } from '../../http/kit/route.js';
import { paths } from '../../orders/page/model.js';
import { Table } from '../../ops/kit/pieces.js';
import { page } from '../../ops/kit/page.js';

const SEARCH_TEXTS = perLanguage({
  title: ['查找', 'Find'],
  nothing: [(text: string) => `没有找到 ${text}`, (text: string) => `Nothing found for ${text}`],
  several: [
    (text: string, count: number) => `${text} 属于 ${count} 处`,
    (text: string, count: number) => `${text} is the number of ${count} things`,
  ],
  lookedFor: [
    '在您负责的商户中按完整号码查找了：',
    'Looked for this exact number, with the merchants you act for, among:',
  ],
  how: [
    [
      '订单号（orderNo）与支付尝试的商户单号（out_trade_no）',
      '微信支付订单号（transaction_id，42 开头）',
      '店铺的退款单号与系统退款单号（out_refund_no）',
      '微信退款单号（refund_id，50 开头）',
    ],
    [
      'order numbers (orderNo) and the numbers of their attempts (out_trade_no)',
      'WeChat Pay transactions (transaction_id, begins with 42)',
      'refund numbers, the shop’s and PaySaga’s own (out_refund_no)',
      'WeChat Pay refunds (refund_id, begins with 50)',
    ],
  ],
  found: {
    order: ['订单号', 'Order'],
    attempt: ['支付尝试', 'Attempt'],
    transaction: ['微信支付订单号', 'WeChat Pay transaction'],
    refund: ['退款单号', 'Refund'],
    wechatRefund: ['微信退款单号', 'WeChat Pay refund'],
  } satisfies Readonly<Record<FoundNumber, Both>>,
  kind: ['号码类型', 'Number of'],
  order: ['订单', 'Order'],
  merchant: ['商户号', 'Merchant'],
  empty: ['请输入完整的订单号、交易号或退款号。', 'Enter a whole order, transaction or refund number.'],
});

/** Nobody's number is longer; a paste of something else is not repeated in full. */
const SHOWN = 64;

/** `/ops/search?q=`: whatever number somebody has at hand leads to its order. */
export function registerSearchPage(app: Hono<IngressEnv>, deps: IngressDeps): void {
  app.get('/ops/search', async (c) => {
    const text = (c.req.query('q') ?? '').trim();
    const texts = SEARCH_TEXTS[c.get('language')];
    const hits = await searchOrders(deps.connection.db, c.get('operator').mchids, text);
    const [only, ...others] = distinctOrders(hits);
    if (only !== undefined && others.length === 0) return c.redirect(paths.order(only), 303);
    const shown = text.slice(0, SHOWN);
    if (hits.length > 0)
      return page(c, { title: texts.several(shown, hits.length) }, <Hits hits={hits} language={c.get('language')} />);
    const title = shown === '' ? texts.title : texts.nothing(shown);
    return page(
      c,
      { title, status: shown === '' ? 200 : 404 },
      <section class="card" id="not-found">
        <p>{shown === '' ? texts.empty : texts.lookedFor}</p>
        <ul>
          {texts.how.map((it) => (
            <li>{it}</li>
          ))}
        </ul>
      </section>,
    );
  });
}

function Hits({ hits, language }: { readonly hits: readonly SearchHit[]; readonly language: Language }) {
  const texts = SEARCH_TEXTS[language];
  return (
    <section class="card" id="hits">
      <Table
        labels={[texts.kind, texts.order, texts.merchant]}
        rows={hits}
        cellsOf={(hit) => [
          texts.found[hit.found],
          <a class="id" href={paths.order(hit)}>
            {hit.orderNo}
          </a>,
          <span class="id">{hit.mchid}</span>,
        ]}
      />
    </section>
  );
}

const distinctOrders = (hits: readonly SearchHit[]): SearchHit[] =>
  hits.filter((hit, n) => hits.findIndex((it) => paths.order(it) === paths.order(hit)) === n);
