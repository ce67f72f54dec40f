import { html } from 'hono/html';
import type { Child } from 'hono/jsx';
import { ASSET_NAMES } from './assets.js';
import { TEXTS, type Notice, type Texts } from './text.js';
import type { Language } from '../base/language.js';

type DocumentProps = {
  readonly texts: Texts;
  readonly title: string;
  /** For browsers without scripts. */
  readonly lookAgainAt?: string | undefined;
  /** From the page's address to `/pay/`. */
  readonly base?: string;
  readonly children: Child;
};

const LOOK_AGAIN_SECONDS = 15;

export function Document({ texts, title, lookAgainAt, children, base = '' }: DocumentProps) {
  return html`<!doctype html>${(
      <html lang={texts.htmlLang}>
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover" />
          <meta name="color-scheme" content="light dark" />
          <meta name="format-detection" content="telephone=no" />
          <meta name="robots" content="noindex, nofollow" />
          <title>{title}</title>
          <link rel="icon" type="image/svg+xml" href={`${base}assets/${ASSET_NAMES.icon}`} />
          <link rel="stylesheet" href={`${base}assets/${ASSET_NAMES.style}`} />
          <script src={`${base}assets/${ASSET_NAMES.script}`} defer></script>
          {lookAgainAt === undefined ? null : (
            <noscript>
              <meta http-equiv="refresh" content={`${LOOK_AGAIN_SECONDS};url=${lookAgainAt}`} />
            </noscript>
          )}
        </head>
        <body>{children}</body>
      </html>
    )}`;
}

type NoticeProps = { readonly language: Language; readonly notice: Notice; readonly base?: string };

export function NoticePage({ language, notice, base = '' }: NoticeProps) {
  const texts = TEXTS[language];
  const { title, body } = texts.notice[notice];
  return (
    <Document texts={texts} title={title} base={base}>
      <main class="card notice" id="notice" data-notice={notice}>
        <h1>{title}</h1>
        <p class="detail">{body}</p>
      </main>
    </Document>
  );
}
