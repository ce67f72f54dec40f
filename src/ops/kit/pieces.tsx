import type { Child } from 'hono/jsx';
import type { Language } from '../../base/language.js';
import { formatAmount } from '../../base/money.js';
import { beijingTime, relativeTime } from '../../base/time.js';
import type { IngressDeps } from '../../http/kit/route.js';

export type Tone = 'good' | 'bad' | 'busy' | 'calm';

/** A word at a glance; its colour says nothing that the word does not. */
export const Chip = ({ tone, children }: { readonly tone: Tone; readonly children: Child }) => (
  <span class={`chip chip-${tone}`}>{children}</span>
);

type TimeProps = { readonly at: Date; readonly now: Date; readonly language: Language };

export const When = ({ at, now, language }: TimeProps) => (
  <span class="when">
    <time datetime={at.toISOString()}>{beijingTime(at)}</time>{' '}
    <span class="soft">({relativeTime(at, now, language)})</span>
  </span>
);

export const Time = ({ at }: { readonly at: Date }) => <time datetime={at.toISOString()}>{beijingTime(at)}</time>;

export const Money = ({ fen }: { readonly fen: number }) => <b class="money">{formatAmount(fen)}</b>;

type FactProps = { readonly label: string; readonly children: Child };

/** Nothing where the fact is absent. */
export function Fact({ label, children }: FactProps) {
  if (children === null || children === undefined) return null;
  return (
    <div class="fact">
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}

export const Facts = ({ of }: { readonly of: readonly (readonly [label: string, fact: Child])[] }) => (
  <>
    {of.map(([label, fact]) => (
      <Fact label={label}>{fact}</Fact>
    ))}
  </>
);

type CardProps = { readonly id?: string; readonly title: string; readonly children: Child };

export const Card = ({ id, title, children }: CardProps) => (
  <section class="card" {...(id === undefined ? {} : { id })}>
    <h2>{title}</h2>
    {children}
  </section>
);

export type TableProps<Row> = {
  readonly kind?: string;
  /** Empty above what speaks for itself, as buttons do. */
  readonly labels: readonly string[];
  readonly rows: readonly Row[];
  /** One cell a label. */
  readonly cellsOf: (row: Row) => readonly Child[];
  readonly dataOf?: (row: Row) => Readonly<Record<`data-${string}`, string>>;
};

/** On a phone each row becomes a card, and each label stands before its cell. */
export const Table = <Row,>({ kind = '', labels, rows, cellsOf, dataOf }: TableProps<Row>) => (
  <table class={`rows ${kind}`.trim()}>
    <thead>
      <tr>{labels.map((label) => (label === '' ? <td></td> : <th scope="col">{label}</th>))}</tr>
    </thead>
    <tbody>
      {rows.map((row) => (
        <tr {...dataOf?.(row)}>
          {cellsOf(row).map((cell, n) => (
            <td data-label={labels[n]}>
              <div class="cell">{cell}</div>
            </td>
          ))}
        </tr>
      ))}
    </tbody>
  </table>
);

export const TemporalLink = ({ href, text }: { readonly href: string | undefined; readonly text: string }) =>
  href === undefined ? null : (
    <a class="outside" href={href} rel="noopener" target="_blank">
      {text}
    </a>
  );

export function temporalUrl(deps: Pick<IngressDeps, 'temporalUi'>, workflowId: string): string | undefined {
  return deps.temporalUi && `${workflowsOf(deps.temporalUi)}/${encodeURIComponent(workflowId)}`;
}

export function temporalFilterUrl(deps: Pick<IngressDeps, 'temporalUi'>, query: string): string | undefined {
  return deps.temporalUi && `${workflowsOf(deps.temporalUi)}?query=${encodeURIComponent(query)}`;
}

const workflowsOf = ({ url, namespace }: NonNullable<IngressDeps['temporalUi']>): string =>
  `${url}/namespaces/${encodeURIComponent(namespace)}/workflows`;
