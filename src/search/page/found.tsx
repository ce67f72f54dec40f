import type { Context } from 'hono';
import type { Child } from 'hono/jsx';
import { beijingTime } from '../../base/time.js';
import type { IngressEnv } from '../../http/kit/route.js';
import { pathWith } from '../../reconciliation/page/place.js';
import type { Result } from '../../base/result.js';
import type { Entered, Wrong } from './entered.js';
import { FilterForm, ListTabs } from './filter-form.js';
import { LIST_TEXTS } from './text.js';

export const PAGE_ROWS = 25;

/** A page of a list; `lookedBackTo` where looking ended before the page was full. */
export type Found<Row> = {
  readonly items: readonly Row[];
  readonly nextCursor: string | null;
  readonly lookedBackTo: Date | null;
};

type ListProps = FoundProps & {
  readonly hint: string;
  readonly entered: Entered;
  readonly asked: Result<{ readonly q?: string | undefined }, Wrong>;
  /** Of the list's own, in its form. */
  readonly choices: Child;
};

/** A list with its form; instead of rows what is wrong in it, or after a search in vain how to find. */
export function SearchedList({ hint, entered, asked, choices, ...list }: ListProps) {
  const { c, path, found } = list;
  const isLost = asked.ok && asked.value.q !== undefined && found.items.length === 0 && found.nextCursor === null;
  return (
    <div class="lists">
      <ListTabs c={c} active={path} />
      <FilterForm {...{ c, hint, entered }} action={path} wrong={asked.ok ? {} : asked.error}>
        {choices}
      </FilterForm>
      {asked.ok ? <FoundList {...list} /> : null}
      {isLost ? <HowToFind c={c} /> : null}
    </div>
  );
}

type FoundProps = {
  readonly c: Context<IngressEnv>;
  readonly path: string;
  readonly id: string;
  readonly found: Found<unknown>;
  /** The rows' table. */
  readonly children: Child;
};

/** The rows, or that there are none, and the way to older ones: no list is counted, so that a page costs what it shows. */
function FoundList({ c, path, id, found: { items, nextCursor, lookedBackTo }, children }: FoundProps) {
  const texts = LIST_TEXTS[c.get('language')];
  const { cursor, ...asked } = c.req.query();
  const at = (place: string | null) => pathWith(path, { ...asked, lang: null, cursor: place });
  return (
    <section class="card" id={id}>
      {items.length > 0 ? children : <p class="empty">{lookedBackTo === null ? texts.none : texts.noneYet}</p>}
      {lookedBackTo === null ? null : (
        <p class="hint" id="looked-back-to">
          {texts.lookedBackTo(beijingTime(lookedBackTo))}
        </p>
      )}
      <p class="pager">
        {cursor === undefined ? null : <a href={at(null)}>{texts.first}</a>}
        {nextCursor === null ? null : (
          <a class="button" rel="next" href={at(nextCursor)}>
            {lookedBackTo === null ? texts.older : texts.lookOn}
          </a>
        )}
      </p>
    </section>
  );
}

/** What can be looked for, where nothing was found by it. */
function HowToFind({ c }: { readonly c: Context<IngressEnv> }) {
  const texts = LIST_TEXTS[c.get('language')];
  return (
    <section class="card" id="how-to-find">
      <h2>{texts.howTitle}</h2>
      <ul>
        {texts.how.map((it) => (
          <li>{it}</li>
        ))}
      </ul>
    </section>
  );
}
