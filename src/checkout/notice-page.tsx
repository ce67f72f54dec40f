import { Document } from './document.js';
import type { Language } from '../base/language.js';
import { TEXTS, type Notice } from './text.js';

type NoticeProps = { readonly language: Language; readonly notice: Notice; readonly base?: string };

/** Instead of an order's page: it says no more than that. */
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
