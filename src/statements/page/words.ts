import { perLanguage, type Both, type Language } from '../../base/language.js';
import { WORDS } from '../../orders/page/words.js';
import type { Grouping } from '../rules/statement.js';

export const GROUPING_WORDS = perLanguage({
  day: ['日', 'Day'],
  month: ['月', 'Month'],
  product: ['产品', 'Product'],
  appid: ['应用', 'Appid'],
} satisfies Readonly<Record<Grouping, Both>>);

/** A group as people call it. */
export const groupName = (groupBy: Grouping, group: string, language: Language): string =>
  groupBy === 'product'
    ? (new Map<string, string>(Object.entries(WORDS[language].product)).get(group) ?? group)
    : group;
