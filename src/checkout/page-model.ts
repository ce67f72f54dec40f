import type { Invoke } from '../channels/port.js';
import type { Language } from '../base/language.js';
import type { PayerView } from './payer-view.js';
import { TEXTS, type SyncAnswer, type Texts } from './text.js';

export type PageModel = {
  readonly view: PayerView;
  readonly orderNo: string;
  readonly description: string;
  readonly token: string;
  readonly language: Language;
  readonly now: Date;
  /** For native. */
  readonly codeSvg: string | null;
  readonly shop: Shop | null;
  /** Back to the shop. */
  readonly returnLink: string | null;
  /** On a computer, for JSAPI and H5: a code that opens this page on the phone. */
  readonly pageSvg: string | null;
  /** JSAPI inside WeChat: the argument of its bridge. */
  readonly invoke: Invoke | null;
  readonly inWechat: boolean;
  readonly onPhone: boolean;
  /** Of a press without a script. */
  readonly answer: SyncAnswer | undefined;
};

/** Who is paid. */
export type Shop = { readonly name: string; readonly logo: { readonly hash: string } | null };

export const textsOf = (model: Pick<PageModel, 'language'>): Texts => TEXTS[model.language];

/** Relative to the page, so that they hold behind any path prefix. */
export function pageLinks({ orderNo, token, language }: Pick<PageModel, 'orderNo' | 'token' | 'language'>) {
  const query = `?t=${encodeURIComponent(token)}`;
  return {
    page: `${orderNo}${query}&lang=${language}`,
    other: `${orderNo}${query}&lang=${language === 'zh' ? 'en' : 'zh'}`,
    stream: `${orderNo}/stream${query}`,
    sync: `${orderNo}/sync${query}&lang=${language}`,
    logo: `${orderNo}/logo${query}`,
  };
}

/** Beijing time; the page's script shows it in the payer's own zone. */
export function formatTime(at: Date, language: Language): string {
  const text = new Intl.DateTimeFormat(language === 'zh' ? 'zh-CN' : 'en-GB', {
    timeZone: 'Asia/Shanghai',
    dateStyle: 'medium',
    timeStyle: 'short',
  }).format(at);
  return language === 'zh' ? `北京时间 ${text}` : `${text} (Beijing)`;
}

/** `4:05`, `1:04:05`, `2d 1:04:05`; never below zero. The page's script counts on in the same form. */
export function formatCountdown(leftMs: number, dayUnit: string): string {
  const total = Math.max(0, Math.ceil(leftMs / 1000));
  const [days, hours] = [Math.floor(total / 86_400), Math.floor(total / 3600) % 24];
  const [minutes, seconds] = [Math.floor(total / 60) % 60, total % 60];
  const two = (value: number): string => String(value).padStart(2, '0');
  const clock = days + hours > 0 ? `${hours}:${two(minutes)}:${two(seconds)}` : `${minutes}:${two(seconds)}`;
  return days > 0 ? `${days}${dayUnit} ${clock}` : clock;
}
