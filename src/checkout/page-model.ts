import type { Invoke } from '../channels/port.js';
import type { Language } from '../base/language.js';
import type { PayerView } from './payer-view.js';
import { TEXTS, type SyncAnswer, type Texts } from './text.js';

/** Everything the page is made of. */
export type PageModel = {
  readonly view: PayerView;
  readonly orderNo: string;
  readonly description: string;
  readonly merchantName: string | undefined;
  readonly token: string;
  readonly language: Language;
  readonly now: Date;
  /** The code to pay by, for native. */
  readonly codeSvg: string | null;
  /** For JSAPI outside WeChat: a code that opens this page in WeChat. */
  readonly pageSvg: string | null;
  /** For JSAPI inside WeChat: what its bridge is called with. */
  readonly invoke: Invoke | null;
  readonly inWechat: boolean;
  /** What a press without a script came to. */
  readonly answer: SyncAnswer | undefined;
};

export const textsOf = (model: Pick<PageModel, 'language'>): Texts => TEXTS[model.language];

type Place = Pick<PageModel, 'orderNo' | 'token' | 'language'>;

/**
 * Addresses relative to the page's own, so that they hold behind any path prefix.
 */
export function pageLinks({ orderNo, token, language }: Place): {
  page: string;
  stream: string;
  sync: string;
  other: string;
} {
  const query = `?t=${encodeURIComponent(token)}`;
  const other: Language = language === 'zh' ? 'en' : 'zh';
  return {
    page: `${orderNo}${query}&lang=${language}`,
    other: `${orderNo}${query}&lang=${other}`,
    stream: `${orderNo}/stream${query}`,
    sync: `${orderNo}/sync${query}&lang=${language}`,
  };
}
