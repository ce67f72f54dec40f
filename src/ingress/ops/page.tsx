import type { Context } from 'hono';
import type { Child } from 'hono/jsx';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { CHROME, type Section } from './chrome-text.js';
import { Document } from './document.js';
import type { OpsEnv } from './env.js';
import { languageOf } from './language.js';
import { Brand, Foot, LanguageSwitch, SkipLink, Top } from './layout.js';

export type PageOptions = {
  readonly title: string;
  /** Shown instead of the title at the head of the page. */
  readonly heading?: Child;
  readonly active?: Section;
  readonly status?: ContentfulStatusCode;
  readonly charts?: boolean;
  readonly reloadSeconds?: number;
};

/** A page of somebody who is signed in. */
export function page(c: Context<OpsEnv>, options: PageOptions, children: Child): Response | Promise<Response> {
  const { title, heading, active, status, charts, reloadSeconds } = options;
  return c.html(
    <Document language={languageOf(c)} title={title} charts={charts === true} reloadSeconds={reloadSeconds}>
      <Top c={c} active={active} />
      <main id="main" tabindex={-1}>
        <h1>{heading ?? title}</h1>
        {children}
      </main>
      <Foot c={c} />
    </Document>,
    status,
  );
}

/** A page of nobody yet: one card, without navigation. */
export function doorPage(
  c: Context<OpsEnv>,
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
