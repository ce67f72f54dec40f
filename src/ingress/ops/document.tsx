import { html } from 'hono/html';
import type { Child } from 'hono/jsx';
import type { Language } from '../../base/language.js';
import { ASSETS } from './assets.js';
import { CHROME } from './chrome-text.js';

type DocumentProps = {
  readonly language: Language;
  readonly title: string;
  /** The page draws charts. */
  readonly charts?: boolean;
  /** Without scripts the page is loaded anew after so many seconds. */
  readonly reloadSeconds?: number | undefined;
  readonly children: Child;
};

/** The frame of every page below `/ops`; styles and scripts come from our own origin. */
export function Document({ language, title, charts = false, reloadSeconds, children }: DocumentProps) {
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
