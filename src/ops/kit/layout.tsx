import type { Context } from 'hono';
import type { Child } from 'hono/jsx';
import type { Actor } from '../../http/kit/actor.js';
import { mayAct } from '../../access/rules/role.js';
import { CsrfField } from './form.js';
import type { IngressEnv } from '../../http/kit/route.js';
import { languageOf } from '../language.js';
import { perLanguage } from '../../base/language.js';

type TopProps = { readonly c: Context<IngressEnv>; readonly active?: string | undefined };

export function Top({ c, active }: TopProps) {
  const texts = CHROME[languageOf(c)];
  return (
    <header class="top">
      <SkipLink text={texts.skip} />
      <div class="bar">
        <Brand text={texts.product} />
        <nav class="sections" aria-label={texts.navigation}>
          {c.get('sections').map(({ path, title }) => (
            <a href={withMerchant(c, path)} {...(path === active ? { 'aria-current': 'page' as const } : {})}>
              {title[languageOf(c)]}
            </a>
          ))}
        </nav>
        <form class="find" role="search" action="/ops/search" method="get">
          <label class="visually-hidden" for="find">
            {texts.searchLabel}
          </label>
          <input
            id="find"
            type="search"
            name="q"
            placeholder={texts.searchHint}
            autocomplete="off"
            autocapitalize="off"
            spellcheck={false}
            maxlength={128}
            required
          />
          <button type="submit">{texts.search}</button>
        </form>
        <Who c={c} operator={c.get('operator')} />
      </div>
    </header>
  );
}

function Who({ c, operator }: { readonly c: Context<IngressEnv>; readonly operator: Actor }) {
  const texts = CHROME[languageOf(c)];
  return (
    <div class="who">
      <LanguageSwitch c={c} />
      <span class="name" title={texts.signedInAs}>
        <span class="visually-hidden">{texts.signedInAs} </span>
        {operator.name}
        {mayAct(operator) ? null : ` · ${texts.readOnly}`}
      </span>
      <form method="post" action="/ops/logout">
        <CsrfField token={c.get('csrfToken')} />
        <button type="submit" class="quiet" id="sign-out">
          {texts.signOut}
        </button>
      </form>
    </div>
  );
}

/** The same page in the other language, by GET: a form is not sent again. */
export function LanguageSwitch({ c }: { readonly c: Context<IngressEnv> }) {
  const { switchTo } = CHROME[languageOf(c)];
  const url = new URL(c.req.url);
  url.searchParams.set('lang', switchTo.language);
  return (
    <a class="language" href={url.pathname + url.search} lang={switchTo.lang} hreflang={switchTo.lang}>
      {switchTo.label}
    </a>
  );
}

export function Brand({ text }: { readonly text: string }) {
  return (
    <a class="brand" href="/ops">
      <svg viewBox="0 0 24 24" aria-hidden="true" focusable="false">
        <path d="M5 4.5h8.5a5 5 0 0 1 0 10H9.5" />
        <path d="M5 10v9.5" />
        <circle cx="18.5" cy="18.5" r="2" />
      </svg>
      PaySaga <span>{text}</span>
    </a>
  );
}

export const SkipLink = ({ text }: { readonly text: string }) => (
  <a class="skip" href="#main">
    {text}
  </a>
);

export const Foot = ({ c, children }: { readonly c: Context<IngressEnv>; readonly children?: Child }) => (
  <footer class="foot">
    {CHROME[languageOf(c)].times}
    {children}
  </footer>
);

function withMerchant(c: Context<IngressEnv>, path: string): string {
  const chosen = c.get('operator').mchids.find((mchid) => mchid === c.req.query('mchid'));
  return chosen === undefined ? path : `${path}?mchid=${chosen}`;
}

export const CHROME = perLanguage({
  htmlLang: ['zh-CN', 'en'],
  /** Of the other language, in its own words. */
  switchTo: {
    language: ['en', 'zh'],
    label: ['English', '中文'],
    lang: ['en', 'zh-CN'],
  },
  product: ['运营台', 'Operations'],
  skip: ['跳到正文', 'Skip to content'],
  navigation: ['主导航', 'Main'],
  search: ['查找', 'Find'],
  searchLabel: ['按号码、商品或附加信息查找', 'Find by number, goods or metadata'],
  searchHint: ['号码、商品或附加信息', 'Number, goods or metadata'],
  signedInAs: ['已登录', 'Signed in as'],
  readOnly: ['只读', 'read only'],
  signOut: ['退出', 'Sign out'],
  times: ['时间均为北京时间（UTC+8）', 'All times are Beijing time (UTC+8)'],
});
