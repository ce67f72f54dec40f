/** Cards, tables, tiles, charts and the timeline. On a phone a table's rows become cards. */
const CARDS = `
.card { background: var(--card); border: 1px solid var(--line); border-radius: .625rem; padding: 1rem 1.25rem; }
.card > h2 { margin-bottom: .5rem; }
.order, .act, .bulk, .lists { display: grid; gap: 1rem; }
.card-head { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: .5rem 1rem; margin-bottom: .5rem; }
.under-title { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: .5rem 1rem; margin-top: -.5rem; }
.as-of.stale { color: var(--bad); font-weight: 600; }
.empty { padding: .5rem 0; color: var(--soft); }
.lead { font-size: 1rem; }
.hint { font-size: .8125rem; color: var(--soft); }
.tile-rows { display: grid; gap: .375rem; }
.tile-rows h2 { font-size: .8125rem; font-weight: 600; color: var(--soft); }
.tiles { list-style: none; padding: 0; margin: 0 0 .5rem; display: grid; grid-template-columns: repeat(4, minmax(0, 1fr)); gap: .625rem; }
.tile { background: var(--card); border: 1px solid var(--line); border-radius: .625rem; min-width: 0; }
.tile > * { display: grid; align-content: start; height: 100%; padding: .625rem .875rem; color: inherit; text-decoration: none; border-radius: .625rem; }
.tile > a:hover { border-color: var(--edge); box-shadow: inset 0 0 0 1px var(--edge); }
.tile > a .tile-label { color: var(--link); text-decoration: underline; text-underline-offset: .15em; }
.tile-label { font-size: .8125rem; color: var(--soft); }
.tile-value { font-size: 1.5rem; line-height: 1.25; font-weight: 650; font-variant-numeric: tabular-nums; color: var(--strong); }
.tile-note { font-size: .8125rem; color: var(--soft); font-variant-numeric: tabular-nums; }
.tile-bad { background: var(--bad-tint); border-color: var(--bad-line); }
.tile-bad .tile-value, .tile-bad .tile-note, .tile-bad .tile-label { color: var(--bad); }
.chip {
  display: inline-block; padding: .0625rem .5625rem; border-radius: 1rem; font-size: .8125rem; font-weight: 600; line-height: 1.5;
  background: var(--calm-tint); color: var(--soft);
}
.chip-good { background: var(--good-tint); color: var(--good); }
.chip-bad { background: var(--bad-tint); color: var(--bad); }
.chip-busy { background: var(--busy-tint); color: var(--busy); }
.rows { width: 100%; border-collapse: collapse; }
.rows th { padding: .375rem .75rem .375rem 0; text-align: start; font-size: .8125rem; font-weight: 600; color: var(--soft); border-bottom: 1px solid var(--line); white-space: nowrap; }
.rows td { padding: .625rem .75rem .625rem 0; vertical-align: top; border-bottom: 1px solid var(--line); }
.rows th:last-child, .rows td:last-child { padding-inline-end: 0; }
.rows tbody tr:last-child td { border-bottom: 0; padding-bottom: 0; }
.stuck-rows td:nth-child(1) { width: 9rem; }
.stuck-rows td:nth-child(2) { width: 12rem; }
.stuck-rows td:nth-child(3) { width: 8rem; }
.stuck-rows td:nth-child(5) { width: 7.5rem; }
.stuck-rows td:nth-child(6) { width: 11rem; }
.stuck-rows .small { display: block; }
.why { display: block; margin-top: .25rem; font-size: .8125rem; line-height: 1.45; color: var(--soft); max-width: 60ch; }
.outside { font-size: .8125rem; white-space: nowrap; }
.outside::after { content: " \\2197"; }
.pager { display: flex; justify-content: space-between; align-items: center; gap: 1rem; }
.pager:not(:empty) { margin-top: .75rem; }
.pager .button:last-child { margin-inline-start: auto; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(28rem, 100%), 1fr)); gap: 1rem; }
.chart figcaption { font-weight: 650; color: var(--strong); margin-bottom: .5rem; }
.chart-sum { font-size: .8125rem; margin-inline-start: .5rem; }
.plot { position: relative; height: 15rem; }
.chart details { margin-top: .5rem; }
summary { cursor: pointer; color: var(--link); font-size: .875rem; padding: .25rem 0; }
.scroll { overflow-x: auto; max-height: 20rem; overflow-y: auto; }
.numbers { border-collapse: collapse; font-size: .8125rem; font-variant-numeric: tabular-nums; }
.numbers th, .numbers td { padding: .1875rem .75rem .1875rem 0; text-align: end; white-space: nowrap; border-bottom: 1px solid var(--line); }
.numbers th:first-child { text-align: start; font-weight: 400; }
.filters { list-style: none; padding: 0; margin: .5rem 0 0; display: grid; gap: .375rem; }
.filters li { display: flex; flex-wrap: wrap; gap: .125rem 1rem; align-items: baseline; }
.filters code { color: var(--soft); }
.filters .outside { font-size: inherit; white-space: normal; min-width: 14rem; }
.facts { display: grid; gap: .375rem 1.5rem; grid-template-columns: repeat(auto-fill, minmax(min(18rem, 100%), 1fr)); }
.fact { display: grid; grid-template-columns: minmax(6.5rem, 9rem) 1fr; gap: .75rem; align-items: baseline; min-width: 0; }
.fact dt { color: var(--soft); font-size: .875rem; }
.when .soft { white-space: nowrap; }
.order-heading { display: inline-flex; flex-wrap: wrap; align-items: baseline; gap: .375rem .75rem; }
.order-heading .chips { font-size: 1rem; }
.explain { border-inline-start: .3125rem solid var(--edge); display: grid; gap: .875rem; }
.explain-bad { border-inline-start-color: var(--bad); }
.explain-good { border-inline-start-color: var(--good); }
.explain-busy { border-inline-start-color: var(--busy); }
.explain-text { font-size: 1.0625rem; line-height: 1.55; max-width: 75ch; color: var(--strong); }
.links { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; }
.commands pre { margin: .5rem 0 0; padding: .75rem; white-space: pre-wrap; overflow-wrap: anywhere; background: var(--calm-tint); border-radius: .375rem; font-size: .8125rem; line-height: 1.5; }
.flash { padding: .75rem 1rem; border-radius: .5rem; background: var(--good-tint); color: var(--good); font-weight: 600; }
.timeline { list-style: none; padding: 0; }
.entry { position: relative; padding: 0 0 1rem 1.375rem; border-inline-start: 2px solid var(--line); margin-inline-start: .375rem; display: grid; gap: .125rem; }
.entry:last-child { padding-bottom: 0; border-inline-start-color: transparent; }
.entry::before { content: ""; position: absolute; left: -.4375rem; top: .375rem; width: .75rem; height: .75rem; border-radius: 50%; background: var(--card); border: 3px solid var(--edge); }
.entry-notify::before { border-color: var(--series-2); }
.entry-gateway::before { border-color: var(--series-1); }
.entry-shop::before { border-color: var(--series-5); }
.entry-person::before { border-color: var(--series-3); background: var(--series-3); }
.entry-head { display: flex; flex-wrap: wrap; gap: .125rem .625rem; align-items: baseline; }
.source { min-width: 4.5rem; font-size: .8125rem; color: var(--soft); }
.count { font-size: .8125rem; color: var(--soft); }
.said { margin: .125rem 0; padding-inline-start: .75rem; border-inline-start: 3px solid var(--line); }
.changes { margin: .125rem 0 0; padding-inline-start: 1.125rem; font-size: .875rem; }
.effects { margin: .5rem 0 0; padding-inline-start: 1.25rem; display: grid; gap: .25rem; }
.figure { font-size: 1.375rem; font-variant-numeric: tabular-nums; }
.delivery { display: block; font-size: .8125rem; }
@media (max-width: 47.99rem) {
  .card { padding: .875rem 1rem; }
  .card-head > a, .pager a:not(.button) { min-height: 2.75rem; display: inline-flex; align-items: center; }
  .tiles { grid-template-columns: repeat(2, minmax(0, 1fr)); }
  .tile-value { font-size: 1.375rem; }
  .rows, .rows tbody, .rows tr, .rows td { display: block; }
  .rows thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .rows tr { padding: .75rem 0; border-bottom: 1px solid var(--line); }
  .rows tbody tr:first-child { padding-top: .25rem; }
  .rows tbody tr:last-child { border-bottom: 0; padding-bottom: 0; }
  .rows td, .rows tbody tr:last-child td { display: grid; grid-template-columns: 6.25rem minmax(0, 1fr); gap: .75rem; padding: .1875rem 0; border: 0; width: auto; align-items: baseline; }
  .rows td::before { content: attr(data-label); font-size: .8125rem; color: var(--soft); }
  .rows td a { display: inline-flex; align-items: center; min-height: 2.75rem; min-width: 2.75rem; margin-block: -.5rem; }
  .rows td a.button { margin-block: 0; }
  .stuck-rows td:nth-child(n) { width: auto; }
  .filters a, .links a { min-height: 2.75rem; display: inline-flex; align-items: center; }
  summary { min-height: 2.75rem; display: list-item; padding: .625rem 0; }
  .fact { grid-template-columns: 6.25rem 1fr; }
}
`;

/** Buttons, fields, and what is wrong with them. */
const FORMS = `
.button, .filter button {
  display: inline-flex; align-items: center; justify-content: center; min-height: 2.25rem; padding: .3125rem .875rem; font: inherit; cursor: pointer;
  color: var(--link); background: var(--card); border: 1px solid var(--edge); border-radius: .375rem; text-decoration: none; text-align: center;
}
.button:hover, .filter button:hover { background: var(--calm-tint); }
.button.small { min-height: 1.75rem; padding: .0625rem .625rem; font-size: .8125rem; }
.button.primary, .login .primary {
  color: var(--on-accent); background: var(--accent); border: 1px solid var(--accent); font: inherit; font-weight: 600; border-radius: .375rem;
  min-height: 2.5rem; padding: .375rem 1.25rem; cursor: pointer;
}
.button.primary:hover, .login .primary:hover { background: var(--accent-press); }
.buttons, .actions, .row-actions { display: flex; flex-wrap: wrap; gap: .625rem; align-items: center; }
.filter { display: flex; flex-wrap: wrap; gap: .5rem; align-items: center; }
.chip, .button, .filter button { overflow-wrap: normal; }
select, textarea, input[type="text"], input[type="password"], input[type="datetime-local"], input[type="number"], .field input:not([type="checkbox"]) {
  font: inherit; color: var(--text); background: var(--card); border: 1px solid var(--edge); border-radius: .375rem; padding: .375rem .625rem; min-height: 2.25rem; max-width: 100%;
}
input.id, textarea.id { font-family: ui-monospace, "SF Mono", Menlo, Consolas, monospace; }
.fields { display: grid; gap: 1rem; max-width: 52rem; }
.field { display: grid; gap: .25rem; justify-items: start; min-width: 0; }
.field label, fieldset legend { font-weight: 600; }
.field textarea { width: 100%; }
.field .tick { display: flex; gap: .625rem; align-items: baseline; font-weight: 400; cursor: pointer; }
.tick input { width: 1.125rem; height: 1.125rem; flex: none; align-self: center; accent-color: var(--accent); }
fieldset { border: 1px solid var(--line); border-radius: .5rem; padding: .75rem 1rem 1rem; margin: 0; min-width: 0; display: grid; gap: .75rem; }
.columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(14rem, 100%), 1fr)); gap: .75rem 1.25rem; }
.columns .field select, .columns .field input:not([type="checkbox"]) { width: 100%; }
.wrong { color: var(--bad); font-size: .875rem; font-weight: 600; }
.refusal, .alert { padding: .75rem 1rem; border-radius: .5rem; border: 1px solid var(--bad-line); background: var(--bad-tint); color: var(--bad); }
[aria-invalid="true"] { border-color: var(--bad); outline-color: var(--bad); }
.login { display: grid; gap: .875rem; margin-top: .75rem; }
.login label { font-weight: 600; margin-bottom: -.5rem; }
.login input { width: 100%; min-height: 2.75rem; }
.login .primary { min-height: 2.75rem; }
.failure { display: grid; gap: .875rem; margin-top: .5rem; }
progress { width: 100%; height: .75rem; accent-color: var(--accent); }
@media (max-width: 47.99rem) {
  .button, .button.small, .filter button, .filter select { min-height: 2.75rem; }
  select, textarea, input[type="text"], input[type="password"], input[type="datetime-local"], .field input:not([type="checkbox"]) { min-height: 2.75rem; font-size: 1rem; }
  .field input:not([type="checkbox"]), .field select { width: 100%; }
  .tick { min-height: 2.75rem; }
  .filter { width: 100%; }
  .filter label { flex: 1; }
  .filter select { width: 100%; }
}
`;

/** What the pages of one order, its actions, bulks and the inbox need beyond the common look. */
const SINGLE_PAGES = `
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
.list-filter input[name="amount"] { width: 8rem; }
.list-filter .wrong { flex-basis: 100%; }
@media (min-width: 48rem) { .order-rows td:nth-child(1), .refund-rows td:nth-child(1) { width: 11.5rem; } }
#shop-data .facts { grid-template-columns: minmax(0, 1fr); }
.metadata { border-collapse: collapse; max-width: 100%; }
.metadata th, .metadata td { padding: .125rem 1rem .125rem 0; text-align: start; vertical-align: top; font-weight: 400; }
.metadata th { color: var(--soft); min-width: 6rem; }
.choose { display: flex; flex-wrap: wrap; gap: .5rem; align-items: center; }
@media (max-width: 47.99rem) {
  .tab { min-height: 2.75rem; display: inline-flex; align-items: center; }
  .order .actions .button { flex: 1 1 auto; }
  .entry .source { min-width: 0; flex-basis: 100%; }
  .rows tbody tr td[data-label=""] { grid-template-columns: minmax(0, 1fr); }
  .rows td[data-label=""]:empty, .rows tbody tr td[data-label=""]::before { display: none; }
}
`;

/** All below the head of a page. */
export const CONTENT_STYLE = CARDS + FORMS + SINGLE_PAGES;
