import type { Child } from 'hono/jsx';
import type { Language } from '../../base/language.js';
import { beijingTime, relativeTime } from '../../base/time.js';
import type { IngressDeps } from '../../http/kit/route.js';

export type Tone = 'good' | 'bad' | 'busy' | 'calm';

/** A word at a glance; its colour says nothing that the word does not. */
export const Chip = ({ tone, children }: { readonly tone: Tone; readonly children: Child }) => (
  <span class={`chip chip-${tone}`}>{children}</span>
);

type TimeProps = { readonly at: Date; readonly now: Date; readonly language: Language };

/** When, and how long ago or ahead that is. */
export const When = ({ at, now, language }: TimeProps) => (
  <span class="when">
    <time datetime={at.toISOString()}>{beijingTime(at)}</time>{' '}
    <span class="soft">({relativeTime(at, now, language)})</span>
  </span>
);

export const Time = ({ at }: { readonly at: Date }) => <time datetime={at.toISOString()}>{beijingTime(at)}</time>;

/** One row of facts; left out where there is nothing to say. */
export function Fact({ label, children }: { readonly label: string; readonly children: Child }) {
  if (children === null || children === undefined) return null;
  return (
    <div class="fact">
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** A table's cell; on a phone the row becomes a card and the label stands before the value. */
export const Cell = ({ label, children }: { readonly label: string; readonly children: Child }) => (
  <td data-label={label}>
    <div class="cell">{children}</div>
  </td>
);

export const Head = ({ labels }: { readonly labels: readonly string[] }) => (
  <thead>
    <tr>
      {labels.map((label) => (
        <th scope="col">{label}</th>
      ))}
    </tr>
  </thead>
);

export const TemporalLink = ({ href, text }: { readonly href: string | undefined; readonly text: string }) =>
  href === undefined ? null : (
    <a class="outside" href={href} rel="noopener" target="_blank">
      {text}
    </a>
  );

/** The workflow in the Temporal UI; `undefined` where nobody said where that is. */
export function temporalUrl(deps: Pick<IngressDeps, 'temporalUi'>, workflowId: string): string | undefined {
  return deps.temporalUi && `${workflowsOf(deps.temporalUi)}/${encodeURIComponent(workflowId)}`;
}

/** The list of workflows that a visibility query finds. */
export function temporalFilterUrl(deps: Pick<IngressDeps, 'temporalUi'>, query: string): string | undefined {
  return deps.temporalUi && `${workflowsOf(deps.temporalUi)}?query=${encodeURIComponent(query)}`;
}

const workflowsOf = ({ url, namespace }: NonNullable<IngressDeps['temporalUi']>): string =>
  `${url}/namespaces/${encodeURIComponent(namespace)}/workflows`;
