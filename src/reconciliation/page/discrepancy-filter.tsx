import type { Context } from 'hono';
import { perLanguage } from '../../base/language.js';
import { ApiError } from '../../http/kit/api-error.js';
import type { IngressEnv } from '../../http/kit/route.js';
import { chosenMerchants, MerchantSelect } from '../../ops/kit/merchants.js';
import { DISCREPANCY_CLASSES, DISCREPANCY_STATUSES } from '../rules/classes.js';
import { parseBillDate, type BillDate } from '../rules/day.js';
import type { DiscrepancyFilter } from '../store/discrepancies.js';
import { DISCREPANCIES_PATH, pathWith } from './place.js';
import { classWords, RECONCILIATION_WORDS } from './words.js';

/** All of them, where an absent status means those that are open. */
const ANY = 'any';

export type ChosenDiscrepancies = Omit<DiscrepancyFilter, 'cursor' | 'limit'>;

/** What the query asks for. Throws `forbidden`, `invalid_request`. */
export function chosenDiscrepancies(c: Context<IngressEnv>): ChosenDiscrepancies {
  const status = c.req.query('status') || 'open';
  return {
    mchids: chosenMerchants(c),
    status: status === ANY ? undefined : wordOf(DISCREPANCY_STATUSES, status, 'status'),
    class: wordOf(DISCREPANCY_CLASSES, c.req.query('class') ?? '', 'class'),
    from: dayOf(c, 'from'),
    to: dayOf(c, 'to'),
  };
}

/** An empty field of a form is not a wish. */
function wordOf<Word extends string>(known: readonly Word[], asked: string, field: string): Word | undefined {
  const word = known.find((it) => it === asked);
  if (word === undefined && asked !== '') throw new ApiError('invalid_request', `query ${field}: is not a ${field}.`);
  return word;
}

function dayOf(c: Context<IngressEnv>, field: 'from' | 'to'): BillDate | undefined {
  const asked = c.req.query(field) ?? '';
  if (asked === '') return undefined;
  const date = parseBillDate(asked);
  if (!date.ok) throw new ApiError('invalid_request', `query ${field}: must be a day like 2026-03-01.`);
  return date.value;
}

/** The same choice at another place of the list, or as a file. */
export function discrepanciesPath(c: Context<IngressEnv>, cursor: string | null, ending = ''): string {
  const { mchid, status, class: name, from, to } = c.req.query();
  return pathWith(`${DISCREPANCIES_PATH}${ending}`, { mchid, status, class: name, from, to, cursor });
}

type FilterProps = { readonly c: Context<IngressEnv>; readonly chosen: ChosenDiscrepancies };

export function DiscrepancyFilterForm({ c, chosen }: FilterProps) {
  const language = c.get('language');
  const [texts, words] = [TEXTS[language], RECONCILIATION_WORDS[language]];
  return (
    <form class="filter" method="get" action={DISCREPANCIES_PATH} id="filter">
      <MerchantSelect c={c} />
      <label>
        <span class="visually-hidden">{texts.status}</span>
        <select name="status">
          {DISCREPANCY_STATUSES.map((it) => (
            <option value={it} selected={it === chosen.status}>
              {words.status[it]}
            </option>
          ))}
          <option value={ANY} selected={chosen.status === undefined}>
            {texts.anyStatus}
          </option>
        </select>
      </label>
      <label>
        <span class="visually-hidden">{texts.class}</span>
        <select name="class">
          <option value="">{texts.anyClass}</option>
          {DISCREPANCY_CLASSES.map((it) => (
            <option value={it} selected={it === chosen.class}>
              {classWords(it, language)}
            </option>
          ))}
        </select>
      </label>
      <label>
        {texts.from} <input type="date" name="from" value={chosen.from ?? ''} />
      </label>
      <label>
        {texts.to} <input type="date" name="to" value={chosen.to ?? ''} />
      </label>
      <button type="submit">{texts.show}</button>
    </form>
  );
}

const TEXTS = perLanguage({
  status: ['状态', 'Status'],
  class: ['类别', 'Class'],
  anyStatus: ['全部状态', 'Any status'],
  anyClass: ['全部类别', 'Any class'],
  from: ['从', 'From'],
  to: ['到', 'to'],
  show: ['查看', 'Show'],
});
