/** What the pages of one order, its actions, bulks and the inbox need beyond the common look. */
export const orderPageStyle = `
.inbox { display: grid; gap: 1rem; }
.act > .card, .act > .refusal { max-width: 52rem; }
.act .facts + h2 { margin-top: .875rem; }
.act .refusal p + p { margin-top: .25rem; }
.actions .button { gap: .375rem; }
.field { align-content: start; }
.bulk .columns { grid-template-columns: repeat(auto-fit, minmax(min(18rem, 100%), 1fr)); }
.field select { min-width: min(12rem, 100%); }
.field input[type="datetime-local"] { min-width: min(14rem, 100%); }
.entry .source { min-width: 6.5rem; }
.entry del { color: var(--soft); }
.entry ins { text-decoration: none; font-weight: 600; }
.bulk .card > * + p, .bulk .card > p + *, .bulk progress + .facts { margin-top: .75rem; }
.progress-head { display: flex; gap: .625rem; align-items: baseline; margin-bottom: .5rem; }
.progress-head b { font-size: 1.125rem; font-variant-numeric: tabular-nums; }
.tabs { display: flex; flex-wrap: wrap; gap: .25rem; border-bottom: 1px solid var(--line); }
.tab { padding: .4375rem .875rem; border-bottom: 3px solid transparent; text-decoration: none; }
.tab:hover { background: var(--calm-tint); }
.tab[aria-current] { border-bottom-color: var(--accent); color: var(--strong); font-weight: 600; }
.choose { display: flex; flex-wrap: wrap; gap: .5rem; align-items: center; }
@media (max-width: 47.99rem) {
  .tab { min-height: 2.75rem; display: inline-flex; align-items: center; }
  .order .actions .button { flex: 1 1 auto; }
  .entry .source { min-width: 0; flex-basis: 100%; }
  .rows tbody tr td[data-label=""] { grid-template-columns: minmax(0, 1fr); }
  .rows td[data-label=""]:empty, .rows tbody tr td[data-label=""]::before { display: none; }
}
`;
