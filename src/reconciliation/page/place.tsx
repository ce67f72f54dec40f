import type { Context } from 'hono';
import type { Mchid } from '../../base/ids.js';
import { perLanguage } from '../../base/language.js';
import { ApiError } from '../../http/kit/api-error.js';
import type { IngressEnv } from '../../http/kit/route.js';
import { requireMerchant } from '../../ops/kit/merchants.js';
import { paths } from '../../orders/page/model.js';
import type { BillKind } from '../rules/bill-line.js';
import type { Class } from '../rules/classes.js';
import type { DayRef } from '../store/bill.js';

export const CALENDAR_PATH = '/ops/reconciliation';
export const DISCREPANCIES_PATH = `${CALENDAR_PATH}/discrepancies`;

export const dayPath = (day: DayRef): string => paths.day(day);

export const billCsvPath = (day: DayRef, kind: BillKind): string => `${dayPath(day)}/bills/${kind}.csv`;

export const linesPath = (day: DayRef, name: Class, cursor: string | null = null): string =>
  pathWith(`${dayPath(day)}/lines`, { class: name, cursor });

export const linesCsvPath = (day: DayRef, name: Class): string =>
  pathWith(`${dayPath(day)}/lines.csv`, { class: name });

export const discrepancyPath = ({ mchid, id }: { readonly mchid: string; readonly id: string }): string =>
  `${DISCREPANCIES_PATH}/${mchid}/${id}`;

/** With those of the query's fields that say anything. */
export function pathWith(path: string, query: Readonly<Record<string, string | null | undefined>>): string {
  const said = Object.entries(query).filter((entry): entry is [string, string] => !!entry[1]);
  return said.length === 0 ? path : `${path}?${new URLSearchParams(said).toString()}`;
}

/** The merchant of `?mchid=`, else the operator's first. Throws `forbidden`. */
export function merchantOf(c: Context<IngressEnv>, asked = c.req.query('mchid') ?? ''): Mchid {
  if (asked !== '') return requireMerchant(c, asked);
  const [first] = c.get('operator').mchids;
  if (first === undefined) throw new ApiError('forbidden', 'This key acts for no merchant.');
  return first;
}

type ChoiceProps = { readonly c: Context<IngressEnv>; readonly mchid: Mchid };

/** Nothing for an operator who acts for one merchant; else a label and its field, for the form around them. */
export function MerchantField({ c, mchid }: ChoiceProps) {
  const { mchids } = c.get('operator');
  if (mchids.length < 2) return null;
  return (
    <label class="pair">
      {TEXTS[c.get('language')].merchant}
      <select name="mchid">
        {mchids.map((it) => (
          <option value={it} selected={it === mchid}>
            {it}
          </option>
        ))}
      </select>
    </label>
  );
}

export const reconciliationTitle = { zh: '对账', en: 'Reconciliation' } as const;

/** Between the two pages of the section. */
export function ReconciliationTabs({ c, active }: { readonly c: Context<IngressEnv>; readonly active: string }) {
  const language = c.get('language');
  const tabs = [
    [CALENDAR_PATH, TEXTS[language].days],
    [DISCREPANCIES_PATH, TEXTS[language].discrepancies],
  ] as const;
  const mchid = c.get('operator').mchids.find((it) => it === c.req.query('mchid'));
  return (
    <nav class="tabs" aria-label={reconciliationTitle[language]}>
      {tabs.map(([path, text]) => (
        <a class="tab" href={pathWith(path, { mchid })} {...(path === active ? CURRENT : {})}>
          {text}
        </a>
      ))}
    </nav>
  );
}

const CURRENT = { 'aria-current': 'page' } as const;

const TEXTS = perLanguage({
  merchant: ['商户号', 'Merchant'],
  days: ['日历', 'Days'],
  discrepancies: ['差异', 'Discrepancies'],
});
