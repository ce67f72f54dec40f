/** The look of the checkout page: one column, from 320 px up, light and dark. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --ground: #eef2f0; --card: #fff; --line: #d9e0dc; --edge: #7b8a82; --text: #14201a; --soft: #53615a;
  --accent: #08783f; --accent-press: #065c30; --on-accent: #fff; --tint: #e6f4ec;
  --warn: #8a4b00; --warn-tint: #fdf1df; --calm-tint: #edf0ef; --focus: #0b57d0;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #0d120f; --card: #171d1a; --line: #313a35; --edge: #74827a; --text: #e9f0ec; --soft: #a5b2ab;
    --accent: #37c07c; --accent-press: #5ad296; --on-accent: #04130b; --tint: #14301f;
    --warn: #f2b566; --warn-tint: #35260f; --calm-tint: #232a27; --focus: #9cc2ff;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0 auto; max-width: 29rem; min-height: 100vh; min-height: 100dvh;
  padding: env(safe-area-inset-top) max(1rem, env(safe-area-inset-right)) env(safe-area-inset-bottom) max(1rem, env(safe-area-inset-left));
  display: flex; flex-direction: column;
  background: var(--ground); color: var(--text);
  font: 1rem/1.55 system-ui, -apple-system, "PingFang SC", "Noto Sans SC", "Noto Sans CJK SC", "Microsoft YaHei", sans-serif;
  overflow-wrap: anywhere;
}
p, h1, dl, dd { margin: 0; }
a { color: var(--accent); }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; border-radius: .375rem; }
main:focus { outline: none; }
.visually-hidden {
  position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap;
}
.skip { position: absolute; left: 1rem; top: -4rem; padding: .75rem 1rem; background: var(--card); z-index: 1; }
.skip:focus { top: .5rem; }
.top { display: flex; align-items: center; justify-content: space-between; gap: 1rem; min-height: 3.5rem; padding: .5rem 0; line-height: 1.35; }
.shop { font-weight: 600; }
.payee { display: flex; align-items: center; gap: .75rem; min-width: 0; text-align: start; }
.payee img { flex: none; object-fit: contain; border-radius: .5rem; }
.by { font-size: .8125rem; color: var(--soft); }
.quiet { display: inline-flex; align-items: center; justify-content: center; min-height: 2.75rem; padding: 0 .5rem; font-size: .9375rem; }
.pay + .quiet { margin-top: .5rem; }
#lang {
  flex: none; display: inline-flex; align-items: center; min-height: 2.75rem; min-width: 2.75rem; margin-block: -.5rem; padding: 0 .5rem;
  margin-right: -.5rem; font-size: .9375rem; text-decoration: none;
}
#lang:hover { text-decoration: underline; }
.card {
  padding: 1.5rem 1.25rem; border: 1px solid var(--line); border-radius: 1rem; background: var(--card); text-align: center;
}
.summary h1 { font-size: 1rem; font-weight: 400; color: var(--soft); }
.amount { margin-top: .25rem; font-size: 2.5rem; line-height: 1.2; font-weight: 650; font-variant-numeric: tabular-nums; white-space: nowrap; }
.amount-long { font-size: clamp(1.5rem, 7.4vw, 2.5rem); }
.status {
  display: inline-flex; align-items: center; gap: .5rem; margin: .75rem 0 0; padding: .25rem .875rem; border-radius: 1.25rem;
  font-size: .9375rem; font-weight: 600; background: var(--calm-tint); color: var(--soft); text-align: start;
}
.status::before { content: ""; flex: none; width: .5rem; height: .5rem; border-radius: 50%; background: currentColor; }
.status-busy, .status-good { background: var(--tint); color: var(--accent); }
.status-attention { background: var(--warn-tint); color: var(--warn); }
.status-busy::before { animation: breathe 1.8s ease-in-out infinite; }
@keyframes breathe { 50% { opacity: .25; } }
.pay { display: grid; justify-items: center; gap: .75rem; margin-top: 1.25rem; }
.how { font-size: 1.0625rem; font-weight: 600; text-wrap: balance; }
.qr {
  width: min(15rem, 100%); aspect-ratio: 1; padding: .25rem; border: 1px solid var(--line); border-radius: .75rem;
  background: #fff; -webkit-touch-callout: none; -webkit-user-select: none; user-select: none;
}
.qr svg { display: block; width: 100%; height: 100%; }
.renewing { display: grid; place-items: center; padding: 1rem; background: var(--calm-tint); color: var(--soft); text-wrap: balance; }
.deadline { display: grid; gap: .125rem; }
#countdown { display: inline-block; min-width: 3.5ch; font-weight: 650; font-variant-numeric: tabular-nums; }
.deadline.short #countdown { color: var(--warn); }
.before { font-size: .875rem; color: var(--soft); }
.button {
  display: flex; align-items: center; justify-content: center; width: 100%; min-height: 3rem; padding: .625rem 1rem;
  border: 1px solid var(--edge); border-radius: .75rem; background: transparent; color: var(--text);
  font: inherit; font-weight: 600; text-align: center; text-decoration: none; cursor: pointer; touch-action: manipulation;
}
.button:hover { border-color: var(--soft); }
.button.primary { border-color: transparent; background: var(--accent); color: var(--on-accent); }
.button.primary:hover, .button.primary:active { background: var(--accent-press); }
.button[aria-disabled="true"] { opacity: .6; cursor: default; }
#h5-link.button, #jsapi-pay, #sync, #back.button { width: 100%; max-width: 20rem; }
#sync-answer { font-size: .9375rem; text-wrap: balance; }
#sync-answer:not(:empty) { margin-top: .5rem; }
.note { max-width: 22rem; font-size: .875rem; color: var(--soft); text-wrap: balance; }
.outcome { display: grid; justify-items: center; gap: 1rem; margin-top: 1.5rem; }
.detail { max-width: 22rem; text-wrap: balance; }
.mark { width: 4.5rem; height: 4.5rem; }
.mark .disc { fill: var(--calm-tint); }
.mark .sign { fill: none; stroke: var(--soft); stroke-width: 5; stroke-linecap: round; stroke-linejoin: round; }
.mark-tick .disc { fill: var(--accent); }
.mark-tick .sign { stroke: var(--on-accent); stroke-dasharray: 48; animation: draw .4s .1s ease-out backwards; }
.mark-attention .disc { fill: var(--warn-tint); }
.mark-attention .sign { stroke: var(--warn); }
.mark-spin .disc { fill: none; stroke: var(--line); stroke-width: 5; }
.mark-spin .sign { stroke: var(--accent); transform-origin: 50% 50%; animation: turn 1.1s linear infinite; }
@keyframes draw { from { stroke-dashoffset: 48; } }
@keyframes turn { to { transform: rotate(1turn); } }
.facts { width: 100%; border-top: 1px solid var(--line); font-size: .9375rem; }
.facts > div { display: flex; justify-content: space-between; gap: 1rem; padding: .625rem 0; border-bottom: 1px solid var(--line); }
.facts > div:last-child { border-bottom: 0; padding-bottom: 0; }
.facts dt { flex: 0 1 auto; color: var(--soft); text-align: start; }
.facts dd { flex: none; max-width: 70%; text-align: end; font-variant-numeric: tabular-nums; }
.connection { font-size: .875rem; color: var(--warn); }
.connection:not(:empty) { margin-top: .75rem; }
.foot { padding: 1rem 0 1.5rem; text-align: center; font-size: .875rem; color: var(--soft); }
.order-no { font-family: ui-monospace, "SF Mono", Menlo, Consolas, monospace; font-size: .8125rem; }
.notice { display: grid; gap: .75rem; justify-items: center; margin: auto 0; padding: 2.5rem 1.25rem; }
.notice h1 { font-size: 1.25rem; line-height: 1.4; text-wrap: balance; }
.notice .detail { color: var(--soft); }
@media (min-width: 40rem) {
  body { justify-content: center; }
  .card { padding: 2rem; }
}
@media (prefers-reduced-motion: reduce) {
  *, *::before, *::after { animation: none !important; transition: none !important; }
}
@media (forced-colors: active) {
  .qr { forced-color-adjust: none; }
  .status::before { background: CanvasText; }
}
@media print { #sync, #lang, .note { display: none; } }
`;
