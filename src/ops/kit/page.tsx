import type { Context, Hono } from 'hono';
import type { Child } from 'hono/jsx';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { html } from 'hono/html';
import { createMiddleware } from 'hono/factory';
import { CHROME, Brand, Foot, LanguageSwitch, SkipLink, Top } from './layout.js';
import { PAGE_POLICY } from '../../http/kit/assets.js';
import type { IngressDeps, IngressEnv, Section } from '../../http/kit/route.js';
import { mayAct } from '../../access/rules/role.js';
import { languageOf } from '../language.js';
import { Viewer } from './acting.js';
import type { Language } from '../../base/language.js';
import { ASSETS } from '../assets.js';

export type OpsPage = {
  readonly section?: Section;
  readonly register: (app: Hono<IngressEnv>, deps: IngressDeps) => void;
};

type PageOptions = {
  readonly title: string;
  readonly heading?: Child;
  /** The path of the section that the page belongs to. */
  readonly active?: string;
  readonly status?: ContentfulStatusCode;
  readonly charts?: boolean;
  readonly reloadSeconds?: number;
};

export function page(c: Context<IngressEnv>, options: PageOptions, children: Child): Response | Promise<Response> {
  const { title, heading, active, status, charts, reloadSeconds } = options;
  return c.html(
    <Document language={languageOf(c)} title={title} charts={charts === true} reloadSeconds={reloadSeconds}>
      <Top c={c} active={active} />
      <main id="main" tabindex={-1}>
        <h1>{heading ?? title}</h1>
        <Viewer.Provider value={{ mayAct: mayAct(c.get('operator')), language: languageOf(c) }}>
          {children}
        </Viewer.Provider>
      </main>
      <Foot c={c} />
    </Document>,
    status,
  );
}

/** A page before signing in: one card, without navigation. */
export function doorPage(
  c: Context<IngressEnv>,
  { title, status }: Pick<PageOptions, 'title' | 'status'>,
  children: Child,
): Response | Promise<Response> {
  const texts = CHROME[languageOf(c)];
  return c.html(
    <Document language={languageOf(c)} title={title}>
      <header class="top door">
        <SkipLink text={texts.skip} />
        <div class="bar">
          <Brand text={texts.product} />
          <div class="who">
            <LanguageSwitch c={c} />
          </div>
        </div>
      </header>
      <main id="main" class="door" tabindex={-1}>
        <section class="card">
          <h1>{title}</h1>
          {children}
        </section>
      </main>
    </Document>,
    status,
  );
}

type DocumentProps = {
  readonly language: Language;
  readonly title: string;
  readonly charts?: boolean;
  /** For browsers without scripts. */
  readonly reloadSeconds?: number | undefined;
  readonly children: Child;
};

function Document({ language, title, charts = false, reloadSeconds, children }: DocumentProps) {
  const texts = CHROME[language];
  return html`<!doctype html>${(
      <html lang={texts.htmlLang}>
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <meta name="color-scheme" content="light dark" />
          <meta name="format-detection" content="telephone=no" />
          <meta name="robots" content="noindex, nofollow" />
          <title>{`${title} · PaySaga`}</title>
          <link rel="icon" type="image/svg+xml" href={ASSETS.icon} />
          <link rel="stylesheet" href={ASSETS.style} />
          {charts ? <script src={ASSETS.chart} defer></script> : null}
          <script src={ASSETS.script} defer></script>
          {reloadSeconds === undefined ? null : (
            <noscript>
              <meta http-equiv="refresh" content={String(reloadSeconds)} />
            </noscript>
          )}
        </head>
        <body>{children}</body>
      </html>
    )}`;
}

/** With `no-referrer` browsers would send `Origin: null` with the page's own forms. */
export const OPS_HEADERS = {
  'Content-Security-Policy': PAGE_POLICY,
  'Referrer-Policy': 'same-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'X-Robots-Tag': 'noindex, nofollow',
} as const;

export const opsHeaders = () =>
  createMiddleware<IngressEnv>(async (c, next) => {
    await next();
    for (const [name, value] of Object.entries(OPS_HEADERS)) c.header(name, value);
  });
