import type { Hono } from 'hono';
import { type FoundNumber, searchOrders, type SearchHit } from '../store/search.js';
import { perLanguage, type Both, type Language } from '../../base/language.js';
import { wordsQuery } from '../../http/kit/fields.js';
import type { IngressDeps, IngressEnv } from '../../http/kit/route.js';
import { paths } from '../../orders/page/model.js';
import { Table } from '../../ops/kit/pieces.js';
import { page } from '../../ops/kit/page.js';
import { pathWith } from '../../reconciliation/page/place.js';

const SEARCH_TEXTS = perLanguage({
  title: ['查找', 'Find'],
  several: [
    (text: string, count: number) => `${text} 属于 ${count} 处`,
    (text: string, count: number) => `${text} is the number of ${count} things`,
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
  empty: ['请输入 2 到 64 个字符：号码、商品或附加信息。', 'Enter 2 to 64 characters: a number, goods or metadata.'],
});

/** `/ops/search?q=`: a whole number leads to its order, anything else to the list of what has it. */
export function registerSearchPage(app: Hono<IngressEnv>, deps: IngressDeps): void {
  app.get('/ops/search', async (c) => {
    const text = (c.req.query('q') ?? '').trim();
    const texts = SEARCH_TEXTS[c.get('language')];
    const hits = await searchOrders(deps.connection.db, c.get('operator').mchids, text);
    const [only, ...others] = distinctOrders(hits);
    if (only !== undefined && others.length === 0) return c.redirect(paths.order(only), 303);
    if (hits.length > 0) {
      const title = texts.several(text, hits.length);
      return page(c, { title }, <Hits hits={hits} language={c.get('language')} />);
    }
    if (wordsQuery.safeParse(text).success) return c.redirect(pathWith(paths.orders, { q: text }), 303);
    return page(
      c,
      { title: texts.title },
      <section class="card" id="not-found">
        <p>{texts.empty}</p>
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
