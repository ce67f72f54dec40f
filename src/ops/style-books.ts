/** Days of bills, discrepancies and statements. On a phone a month becomes a list of its days. */
export const BOOKS_STYLE = `
.reconciliation, .statements { display: grid; gap: 1rem; }
.plain { list-style: none; padding: 0; display: grid; gap: .125rem; }
.plain .soft { font-size: .8125rem; }
.table-links { margin-top: 1rem; }
.pair { display: inline-flex; gap: .5rem; align-items: center; }
#decide .tick { align-items: center; }
.legend { list-style: none; padding: 0; margin: 0; display: flex; flex-wrap: wrap; gap: .375rem 1.25rem; }
#calendar .legend { margin-bottom: .75rem; }
.calendar { width: 100%; border-collapse: collapse; table-layout: fixed; }
.calendar th { padding: .375rem .5rem; text-align: start; font-size: .8125rem; font-weight: 600; color: var(--soft); }
.calendar td { border: 1px solid var(--line); padding: .375rem .5rem; height: 5.5rem; vertical-align: top; }
.calendar .no-day { border-color: transparent; background: none; }
.day-head { display: flex; gap: .375rem; align-items: baseline; font-variant-numeric: tabular-nums; font-weight: 600; }
.day .weekday { display: none; }
.day[aria-current] { box-shadow: inset 0 0 0 2px var(--accent); }
.day-differs, .day-failed, .day-stuck { background: var(--bad-tint); }
.day-future, .day-too_old { color: var(--soft); }
.day .chip-bad { background: var(--card); }
.day .open-count { color: var(--bad); font-weight: 600; }
.facts.wide { grid-template-columns: repeat(auto-fill, minmax(min(24rem, 100%), 1fr)); }
.differs { color: var(--bad); font-weight: 600; }
#filter select[name="class"] { width: 16rem; }
.filter input[type="date"], .field input[type="date"], .choose input { font: inherit; color: var(--text); background: var(--card); border: 1px solid var(--edge); border-radius: .375rem; padding: .375rem .625rem; min-height: 2.25rem; }
.field .tick input[type="radio"] { min-height: 0; padding: 0; margin: 0; width: 1.125rem; height: 1.125rem; }
[data-group="totals"] td { border-top: 2px solid var(--edge); font-weight: 600; }
.shortcuts { display: inline-flex; flex-wrap: wrap; gap: .125rem 1rem; margin-inline-start: auto; }
.statements .wrong { flex-basis: 100%; }
@media (min-width: 48rem) {
  .statement-rows th:nth-child(n+2), .statement-rows td:nth-child(n+2) { text-align: end; }
  .day-sums th:nth-child(n+3), .day-sums td:nth-child(n+3) { text-align: end; }
}
@media (max-width: 47.99rem) {
  .sections { flex-wrap: wrap; justify-content: flex-start; }
  .calendar, .calendar tbody, .calendar tr, .calendar td { display: block; }
  .calendar thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .calendar .no-day { display: none; }
  .calendar td { height: auto; border-width: 0 0 1px; padding: .25rem .5rem; display: flex; flex-wrap: wrap; gap: .125rem .75rem; align-items: center; min-height: 2.75rem; }
  .day .weekday { display: inline; }
  .day-head { min-width: 5rem; }
  .day-head a, .day .chip-bad { background: var(--card); }
.day .open-count { min-height: 2.75rem; min-width: 2.75rem; display: inline-flex; gap: .375rem; align-items: center; }
  .pair, #filter label { width: 100%; flex: 1 1 100%; display: flex; gap: .5rem; align-items: center; justify-content: space-between; }
  .pair select, .pair input, #filter select, #filter input { flex: 0 1 70%; min-width: 0; }
  #filter label:has(.visually-hidden) select { flex: 1; }
  #filter button { flex: 1 1 100%; }
  .choose .button.primary { min-height: 2.75rem; }
  .legend a { min-height: 2.75rem; min-width: 2.75rem; display: inline-flex; align-items: center; }
  .shortcuts { margin: 0; }
  .shortcuts a { min-height: 2.75rem; min-width: 2.75rem; display: inline-flex; align-items: center; }
  .filter input[type="date"], .choose input, .choose select { min-height: 2.75rem; }
}
`;
