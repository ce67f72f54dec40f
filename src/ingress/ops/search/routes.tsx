import type { Hono } from 'hono';
import { searchOrders, type SearchHit } from '../../../search/store/search.js';
import type { Language } from '../../../base/language.js';
import type { IngressDeps, IngressEnv } from '../../../http/kit/route.js';
import { paths } from '../order/model.js';
import { Cell, Head } from '../../../ops/kit/pieces.js';
import { page } from '../../../ops/kit/page.js';
import { SEARCH_TEXTS } from './text.js';

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
      <table class="rows">
        <Head labels={[texts.kind, texts.order, texts.merchant]} />
        <tbody>
          {hits.map((hit) => (
            <tr>
              <Cell label={texts.kind}>{texts.found[hit.found]}</Cell>
              <Cell label={texts.order}>
                <a class="id" href={paths.order(hit)}>
                  {hit.orderNo}
                </a>
              </Cell>
              <Cell label={texts.merchant}>
                <span class="id">{hit.mchid}</span>
              </Cell>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

const distinctOrders = (hits: readonly SearchHit[]): SearchHit[] =>
  hits.filter((hit, n) => hits.findIndex((it) => paths.order(it) === paths.order(hit)) === n);
