import { BOOKS_STYLE } from './style-books.js';
import { CONTENT_STYLE } from './style-content.js';

/** Colours, ground and head of every page; light and dark, from 320 px up. */
const BASE_STYLE = `
:root {
  color-scheme: light dark;
  --ground: #f2f4f7; --card: #fff; --line: #d9dfe7; --edge: #77859a; --text: #17202b; --soft: #536174; --strong: #0c141d;
  --top: #15263b; --on-top: #f1f5fa; --on-top-soft: #b4c3d6; --top-field: #23384f; --top-line: #5d7590;
  --link: #14559e; --accent: #1b5fab; --accent-press: #134a88; --on-accent: #fff; --focus: #c2570c;
  --good: #166a3c; --good-tint: #e3f4ea; --bad: #a8231b; --bad-tint: #fdecea; --bad-line: #e8a39d;
  --busy: #14559e; --busy-tint: #e6f0fb; --calm-tint: #eaeef3; --warn: #7a4a00; --warn-tint: #fdf2dd;
  --series-1: #2f74c8; --series-2: #2a9d74; --series-3: #d9920a; --series-4: #d0453b; --series-5: #8460c4; --series-6: #8593a5;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #0c1117; --card: #151c25; --line: #2b3644; --edge: #7688a0; --text: #e4eaf1; --soft: #9fb0c3; --strong: #fff;
    --top: #111a26; --on-top: #eef3f9; --on-top-soft: #a9bbd0; --top-field: #1e2b3b; --top-line: #60758f;
    --link: #86bbf7; --accent: #86bbf7; --accent-press: #a9cffb; --on-accent: #07172a; --focus: #ffb36b;
    --good: #6fd39b; --good-tint: #12301f; --bad: #ff9c92; --bad-tint: #3a1a18; --bad-line: #80403b;
    --busy: #86bbf7; --busy-tint: #15293f; --calm-tint: #232e3b; --warn: #f3bd6a; --warn-tint: #35270f;
    --series-1: #5b9df0; --series-2: #41b98b; --series-3: #e8ab3c; --series-4: #ef6f64; --series-5: #a98be6; --series-6: #7c8b9e;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0; min-height: 100vh; min-height: 100dvh; display: flex; flex-direction: column;
  background: var(--ground); color: var(--text); overflow-wrap: anywhere;
  font: .9375rem/1.5 system-ui, -apple-system, "PingFang SC", "Noto Sans SC", "Noto Sans CJK SC", "Microsoft YaHei", sans-serif;
}
h1, h2, h3, p, ul, ol, dl, dd, figure, pre { margin: 0; }
h1 { font-size: 1.375rem; line-height: 1.3; font-weight: 650; color: var(--strong); }
h2 { font-size: 1rem; line-height: 1.4; font-weight: 650; color: var(--strong); }
h3 { font-size: .9375rem; font-weight: 650; }
a { color: var(--link); text-underline-offset: .15em; }
a:hover { text-decoration-thickness: 2px; }
code, pre, .id { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "Noto Sans Mono", monospace; font-size: .92em; }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; border-radius: .25rem; }
main:focus { outline: none; }
[hidden] { display: none !important; }
.visually-hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.soft { color: var(--soft); font-weight: 400; }
.small { font-size: .8125rem; }
.money, time, .age { font-variant-numeric: tabular-nums; }
.money, .age { white-space: nowrap; }
.skip { position: absolute; left: 1rem; top: -5rem; padding: .75rem 1rem; background: var(--card); color: var(--link); z-index: 2; }
.skip:focus { top: .5rem; }
.top { background: var(--top); color: var(--on-top); }
.bar { display: flex; flex-wrap: wrap; align-items: center; gap: .25rem 1.125rem; max-width: 84rem; margin: 0 auto; padding: .5rem 1.5rem; min-height: 3.5rem; }
.top a { color: var(--on-top); text-decoration: none; }
.top a:hover { text-decoration: underline; }
.brand { display: inline-flex; align-items: center; gap: .5rem; font-weight: 650; font-size: 1.0625rem; }
.brand span { font-weight: 400; color: var(--on-top-soft); }
.brand svg { width: 1.5rem; height: 1.5rem; fill: none; stroke: currentColor; stroke-width: 2.2; stroke-linecap: round; stroke-linejoin: round; }
.brand circle { fill: #6fb4ff; stroke: none; }
.sections { order: 3; width: 100%; margin-inline: -.75rem; display: flex; flex-wrap: wrap; gap: .125rem; }
.sections a { padding: .4375rem .75rem; border-radius: .375rem; color: var(--on-top-soft); }
.sections a[aria-current] { background: var(--top-field); color: var(--on-top); font-weight: 600; }
.find { display: flex; flex: 1 1 17rem; max-width: 26rem; margin-inline-start: auto; }
.find input {
  flex: 1; min-width: 0; text-overflow: ellipsis; min-height: 2.25rem; padding: .25rem .75rem; font: inherit; color: var(--on-top);
  background: var(--top-field); border: 1px solid var(--top-line); border-right: 0; border-radius: .375rem 0 0 .375rem;
}
.find input::placeholder { color: var(--on-top-soft); opacity: 1; }
.find button {
  min-height: 2.25rem; padding: .25rem .875rem; font: inherit; color: var(--on-top); background: transparent; cursor: pointer;
  border: 1px solid var(--top-line); border-radius: 0 .375rem .375rem 0;
}
.find button:hover { background: var(--top-field); }
.who { display: flex; align-items: center; gap: .875rem; }
.who .name { color: var(--on-top-soft); max-width: 12rem; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.who button {
  padding: .25rem .625rem; min-height: 2rem; font: inherit; font-size: .875rem; color: var(--on-top); background: transparent; cursor: pointer;
  border: 1px solid var(--top-line); border-radius: .375rem;
}
.who button:hover { background: var(--top-field); }
.top :focus-visible { outline-color: #ffb36b; }
main { flex: 1; width: 100%; max-width: 84rem; margin: 0 auto; padding: 1.25rem 1.5rem 2rem; display: grid; gap: 1rem; align-content: start; }
main > *, main > div > * { min-width: 0; }
.foot { max-width: 84rem; width: 100%; margin: 0 auto; padding: .5rem 1.5rem 1.5rem; font-size: .8125rem; color: var(--soft); }
main.door { max-width: 28rem; align-content: center; padding-block: 2rem 12vh; }
.top.door .who { margin-inline-start: auto; }
@media (max-width: 47.99rem) {
  .bar { padding: .5rem 1rem; gap: .25rem 1rem; }
  .brand { min-height: 2.75rem; }
  .brand span { display: none; }
  .who { margin-inline-start: auto; gap: .5rem; }
  .who .name { display: none; }
  .who a, .who button { min-height: 2.75rem; min-width: 2.75rem; display: inline-flex; align-items: center; justify-content: center; }
  .sections { order: 3; width: 100%; flex-wrap: nowrap; justify-content: space-between; margin-inline: -.5rem; width: calc(100% + 1rem); }
  .sections a { min-height: 2.75rem; display: inline-flex; align-items: center; padding: .25rem .5rem; font-size: .875rem; text-align: center; line-height: 1.25; }
  .find { order: 4; flex-basis: 100%; max-width: none; padding-bottom: .25rem; }
  .find input, .find button { min-height: 2.75rem; font-size: 1rem; }
  main { padding: 1rem; }
  .foot { padding: .5rem 1rem 1.5rem; }
}
@media (prefers-reduced-motion: reduce) { *, *::before, *::after { animation: none !important; transition: none !important; } }
@media print { .top, .foot, form, .actions, .pager { display: none; } }
`;

export const STYLE = BASE_STYLE + CONTENT_STYLE + BOOKS_STYLE;
