import type { Language } from '../../base/language.js';

export type Section = 'dashboard' | 'stuck' | 'inbox' | 'bulk';

type ChromeTexts = {
  readonly htmlLang: string;
  /** Of the other language, in its own words. */
  readonly switchTo: { readonly language: Language; readonly label: string; readonly lang: string };
  readonly product: string;
  readonly skip: string;
  readonly navigation: string;
  readonly section: Readonly<Record<Section, string>>;
  readonly search: string;
  readonly searchLabel: string;
  readonly searchHint: string;
  readonly signedInAs: string;
  readonly signOut: string;
  readonly signIn: string;
  readonly times: string;
};

const zh: ChromeTexts = {
  htmlLang: 'zh-CN',
  switchTo: { language: 'en', label: 'English', lang: 'en' },
  product: '运营台',
  skip: '跳到正文',
  navigation: '主导航',
  section: { dashboard: '总览', stuck: '卡住的订单', inbox: '通知收件箱', bulk: '批量操作' },
  search: '查找',
  searchLabel: '按订单号、交易号或退款号查找',
  searchHint: '订单号、交易号或退款号',
  signedInAs: '已登录',
  signOut: '退出',
  signIn: '登录',
  times: '时间均为北京时间（UTC+8）',
};

const en: ChromeTexts = {
  htmlLang: 'en',
  switchTo: { language: 'zh', label: '中文', lang: 'zh-CN' },
  product: 'Operations',
  skip: 'Skip to content',
  navigation: 'Main',
  section: { dashboard: 'Overview', stuck: 'Stuck orders', inbox: 'Notify inbox', bulk: 'Bulk' },
  search: 'Find',
  searchLabel: 'Find by order, transaction or refund number',
  searchHint: 'Order, transaction or refund',
  signedInAs: 'Signed in as',
  signOut: 'Sign out',
  signIn: 'Sign in',
  times: 'All times are Beijing time (UTC+8)',
};

export const CHROME: Readonly<Record<Language, ChromeTexts>> = { zh, en };
