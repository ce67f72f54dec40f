export const phoneStyle = `
:root { --ink: #17211b; --soft: #66736b; --paper: #fff; --ground: #eef2ef; --line: #dbe2dd; --green: #0b9f52; --bad: #b3261e; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #eaf1ec; --soft: #9fada4; --paper: #1b221e; --ground: #101512; --line: #303a34; --green: #1fb567; --bad: #ff8a80; }
}
* { box-sizing: border-box; }
[hidden] { display: none !important; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, -apple-system, "PingFang SC", "Noto Sans SC", sans-serif; }
main { max-width: 26rem; min-height: 100vh; margin: 0 auto; padding: 1.25rem; background: var(--paper); }
header { display: flex; justify-content: space-between; align-items: center; gap: 1rem; }
h1 { font-size: 1.25rem; margin: 0; }
.note { color: var(--soft); margin: .25rem 0 1.25rem; font-size: .875rem; }
label { display: block; font-weight: 600; margin-bottom: .35rem; }
textarea { width: 100%; padding: .7rem; border: 1px solid var(--line); border-radius: .6rem; background: var(--ground); color: inherit; font: .9rem/1.4 ui-monospace, monospace; resize: vertical; overflow-wrap: anywhere; }
button { font: inherit; font-weight: 600; border: 0; border-radius: .6rem; padding: .7rem 1.2rem; background: var(--green); color: #fff; cursor: pointer; min-height: 44px; }
button:disabled { opacity: .45; cursor: default; }
button.quiet { background: none; color: var(--green); padding: .5rem .6rem; }
button:focus-visible, textarea:focus-visible, a:focus-visible { outline: 3px solid var(--green); outline-offset: 2px; }
.row { display: flex; gap: .5rem; margin-top: .7rem; }
video { width: 100%; border-radius: .6rem; margin-top: .7rem; background: #000; }
#bill { margin-top: 1.5rem; padding-top: 1.25rem; border-top: 1px dashed var(--line); text-align: center; }
#description { margin: 0; overflow-wrap: anywhere; }
#amount { margin: .2rem 0 1rem; font-size: 2.75rem; font-weight: 700; font-variant-numeric: tabular-nums; }
dl { display: grid; grid-template-columns: auto 1fr; gap: .35rem 1rem; margin: 0 0 1.25rem; text-align: start; font-size: .9rem; }
dt { color: var(--soft); }
dd { margin: 0; text-align: end; overflow-wrap: anywhere; }
#pay { width: 100%; }
#result { text-align: center; font-size: 1.1rem; font-weight: 600; margin: 1.25rem 0; overflow-wrap: anywhere; white-space: pre-line; }
#result[data-result="paid"] { color: var(--green); }
#result[data-result="refused"] { color: var(--bad); }
#back { display: block; text-align: center; color: var(--green); }
@media (prefers-reduced-motion: no-preference) {
  #result[data-result="paid"] { animation: arrive .35s ease-out; }
  @keyframes arrive { from { transform: scale(.85); opacity: 0; } }
}
`;
