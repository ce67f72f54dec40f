/** Buttons, fields, and what is wrong with them. */
export const FORM_STYLE = `
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
