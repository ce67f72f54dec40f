import { formatAmount } from '../../base/money.js';
import type { OrderPageModel } from './model.js';
import { Chip, Time } from '../../ops/kit/pieces.js';
import { ORDER_TEXTS } from './text.js';
import type { Change, TimelineItem } from './timeline-items.js';
import { detailText, outcomeText, outcomeTone } from './timeline-text.js';

type Props = { readonly model: OrderPageModel };

export function Timeline({ model }: Props) {
  const texts = ORDER_TEXTS[model.language];
  return (
    <section class="card" id="timeline">
      <h2>
        {texts.timeline} <span class="soft">{texts.newestFirst}</span>
      </h2>
      {model.timeline.length === 0 ? <p class="soft">{texts.noTimeline}</p> : null}
      <ol class="timeline">
        {model.timeline.map((item) => (
          <Item model={model} item={item} />
        ))}
      </ol>
    </section>
  );
}

function Item({ model, item }: Props & { readonly item: TimelineItem }) {
  const texts = ORDER_TEXTS[model.language];
  return (
    <li class={`entry entry-${item.source}`} data-kind={item.kind}>
      <p class="entry-head">
        <span class="source">{texts.sources[item.source]}</span>
        <b>{item.title}</b>
        {item.outcome === null ? null : (
          <Chip tone={outcomeTone(item.outcome, item.kind)}>
            {outcomeText(item.outcome, model.language, item.kind)}
          </Chip>
        )}
        {item.detail === null ? null : <span>{detailText(item.kind, item.detail, model.language)}</span>}
        {item.amountFen === null ? null : <b class="money">{formatAmount(item.amountFen)}</b>}
        {item.count === 1 ? null : <span class="count">{texts.times(item.count)}</span>}
      </p>
      <p class="soft">
        {item.sinceAt.getTime() === item.at.getTime() ? null : (
          <>
            <Time at={item.sinceAt} /> {texts.until}{' '}
          </>
        )}
        <Time at={item.at} /> · <span class="id">{item.subject}</span>
        {item.durationMs === null ? null : ` · ${item.durationMs} ms`}
        {item.wechatAt === null ? null : (
          <span class="wechat-at">
            {' '}
            · {texts.atWechat} <Time at={item.wechatAt} />
          </span>
        )}
      </p>
      <Said text={item.reason} />
      <Said text={item.answered} />
      {item.by === null ? null : <p class="soft">{`${texts.by} ${item.by}`}</p>}
      {item.changes === null ? null : <Changes changes={item.changes} nothing={texts.nothing} />}
    </li>
  );
}

const Said = ({ text }: { readonly text: string | null }) => (text === null ? null : <p class="said">{text}</p>);

function Changes({ changes, nothing }: { readonly changes: readonly Change[]; readonly nothing: string }) {
  if (changes.length === 0) return <p class="soft">{nothing}</p>;
  return (
    <ul class="changes">
      {changes.map(({ label, before, after }) => (
        <li>
          {label}: <del>{before}</del> → <ins>{after}</ins>
        </li>
      ))}
    </ul>
  );
}
