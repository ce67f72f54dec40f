import type { BulkRecord } from '../../../bulk/store/bulk.js';
import type { Language } from '../../../base/language.js';
import { ACTION_TEXTS } from '../actions/text.js';
import { Cell, Chip, Head, Time } from '../../../ops/kit/pieces.js';
import { BULK_TEXTS } from './text.js';

type Props = { readonly bulks: readonly BulkRecord[]; readonly language: Language };

export const bulkPath = ({ mchid, id }: { readonly mchid: string; readonly id: string }): string =>
  `/ops/bulk/${mchid}/${id}`;

/** What was done lately, by whom and why. */
export function Latest({ bulks, language }: Props) {
  const texts = BULK_TEXTS[language];
  return (
    <section class="card" id="latest">
      <h2>{texts.latest}</h2>
      {bulks.length === 0 ? (
        <p class="soft">{texts.none}</p>
      ) : (
        <table class="rows">
          <Head labels={[texts.startedAt, texts.action, texts.progress, texts.reason, texts.by]} />
          <tbody>
            {bulks.map((bulk) => (
              <Row bulk={bulk} language={language} />
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function Row({ bulk, language }: { readonly bulk: BulkRecord; readonly language: Language }) {
  const texts = BULK_TEXTS[language];
  const isOver = bulk.finishedAt !== null;
  return (
    <tr>
      <Cell label={texts.startedAt}>
        <a href={bulkPath(bulk)}>
          <Time at={bulk.createdAt} />
        </a>
      </Cell>
      <Cell label={texts.action}>
        {ACTION_TEXTS[language].action[bulk.action]} <span class="soft id">{bulk.mchid}</span>
      </Cell>
      <Cell label={texts.progress}>
        <Chip tone={!isOver ? 'busy' : bulk.failed > 0 ? 'bad' : 'good'}>
          {isOver ? texts.finished : texts.running}
        </Chip>{' '}
        {bulk.done} / {bulk.total}
        {bulk.failed === 0 ? null : ` · ${texts.failed} ${bulk.failed}`}
      </Cell>
      <Cell label={texts.reason}>{bulk.reason}</Cell>
      <Cell label={texts.by}>
        <span class="soft">{bulk.actor}</span>
      </Cell>
    </tr>
  );
}
