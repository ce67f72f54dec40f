import type { Child } from 'hono/jsx';
import type { BulkRecord } from '../store/bulk.js';
import { BULK_ACTIONS } from '../rules/bulk.js';
import type { Language } from '../../base/language.js';
import type { Mchid } from '../../base/ids.js';
import { ORDER_STATES, STUCK_REASONS } from '../../orders/rules/states.js';
import { DECISIONS } from '../../decisions/rules/decisions.js';
import { ActForm } from '../../ops/kit/acting.js';
import { WORDS } from '../../orders/page/words.js';
import type { BulkErrors, BulkField, EnteredBulk } from './entered.js';
import { BULK_TEXTS } from './text.js';
import { Card, Chip, Table, Time } from '../../ops/kit/pieces.js';

type BulkFormState = {
  readonly entered: EnteredBulk;
  readonly errors: BulkErrors;
  readonly mchids: readonly Mchid[];
  readonly latest: readonly BulkRecord[];
  readonly language: Language;
  readonly csrfToken: string;
};

type Props = { readonly state: BulkFormState };

export function BulkFormPage({ state }: Props) {
  const texts = BULK_TEXTS[state.language];
  return (
    <div class="bulk">
      <p class="lead">{texts.lead}</p>
      <ActForm class="card fields" action="/ops/bulk" token={state.csrfToken}>
        <What state={state} />
        <Which state={state} />
        <Field state={state} name="reason" label={texts.reason} hint={texts.reasonHint}>
          <textarea {...named(state, 'reason')} rows={2} maxlength={500} required>
            {state.entered.reason}
          </textarea>
        </Field>
        <p class="buttons">
          <button class="button primary" type="submit" id="dry-run">
            {texts.dryRun}
          </button>
        </p>
      </ActForm>
      <Latest bulks={state.latest} language={state.language} />
    </div>
  );
}

function What({ state }: Props) {
  const texts = BULK_TEXTS[state.language];
  const actions = BULK_ACTIONS.map((action) => [action, DECISIONS[action].title[state.language]] as const);
  const merchants = state.mchids.map((mchid) => [mchid, mchid] as const);
  return (
    <div class="columns">
      <Choice state={state} name="mchid" label={texts.merchant} options={merchants} />
      <Choice state={state} name="action" label={texts.action} options={actions} />
      <Moment state={state} name="until" label={texts.until} hint={texts.untilHint} />
    </div>
  );
}

function Which({ state }: Props) {
  const [texts, words] = [BULK_TEXTS[state.language], WORDS[state.language]];
  const states = ORDER_STATES.map((it) => [it, words.state[it]] as const);
  const reasons = STUCK_REASONS.map((it) => [it, words.stuck[it]] as const);
  return (
    <fieldset>
      <legend>{texts.filter}</legend>
      <p class="hint">{texts.filterHint}</p>
      <div class="columns">
        <Choice state={state} name="state" label={texts.state} options={[['', texts.any], ...states]} />
        <Choice
          state={state}
          name="stuckReason"
          label={texts.stuckReason}
          options={[['', texts.any], ['any', texts.anyStuck], ...reasons]}
        />
        <Moment state={state} name="createdFrom" label={texts.createdFrom} />
        <Moment state={state} name="createdTo" label={texts.createdTo} />
      </div>
      <Field state={state} name="orderNos" label={texts.orderNos} hint={texts.orderNosHint}>
        <textarea {...named(state, 'orderNos')} class="id" rows={3} spellcheck={false}>
          {state.entered.orderNos}
        </textarea>
      </Field>
    </fieldset>
  );
}

type FieldProps = Props & { readonly name: BulkField; readonly label: string; readonly hint?: string };

function Field({ state, name, label, hint, children }: FieldProps & { readonly children: Child }) {
  const error = state.errors[name];
  return (
    <div class="field">
      <label for={name}>{label}</label>
      {children}
      {hint === undefined ? null : <p class="hint">{hint}</p>}
      {error === undefined ? null : (
        <p class="wrong" id={`${name}-wrong`} role="alert" data-error={error}>
          {BULK_TEXTS[state.language].fields[error]}
        </p>
      )}
    </div>
  );
}

const named = (state: BulkFormState, name: BulkField) => ({
  id: name,
  name,
  ...(state.errors[name] === undefined ? {} : { 'aria-invalid': 'true' as const, 'aria-describedby': `${name}-wrong` }),
});

type ChoiceProps = FieldProps & { readonly options: readonly (readonly [value: string, label: string])[] };

function Choice({ options, ...field }: ChoiceProps) {
  const { state, name } = field;
  return (
    <Field {...field}>
      <select {...named(state, name)}>
        {options.map(([value, label]) => (
          <option value={value} selected={value === state.entered[name]}>
            {label}
          </option>
        ))}
      </select>
    </Field>
  );
}

function Moment(field: FieldProps) {
  const { state, name } = field;
  return (
    <Field {...field}>
      <input {...named(state, name)} type="datetime-local" value={state.entered[name]} />
    </Field>
  );
}

type LatestProps = { readonly bulks: readonly BulkRecord[]; readonly language: Language };

export const bulkPath = ({ mchid, id }: { readonly mchid: string; readonly id: string }): string =>
  `/ops/bulk/${mchid}/${id}`;

function Latest({ bulks, language }: LatestProps) {
  const texts = BULK_TEXTS[language];
  return (
    <Card id="latest" title={texts.latest}>
      {bulks.length === 0 ? (
        <p class="soft">{texts.none}</p>
      ) : (
        <Table
          labels={[texts.startedAt, texts.action, texts.progress, texts.reason, texts.by]}
          rows={bulks}
          cellsOf={(bulk) => bulkCells(bulk, language)}
        />
      )}
    </Card>
  );
}

function bulkCells(bulk: BulkRecord, language: Language): Child[] {
  const texts = BULK_TEXTS[language];
  const isOver = bulk.finishedAt !== null;
  return [
    <a href={bulkPath(bulk)}>
      <Time at={bulk.createdAt} />
    </a>,
    <>
      {DECISIONS[bulk.action].title[language]} <span class="soft id">{bulk.mchid}</span>
    </>,
    <>
      <Chip tone={!isOver ? 'busy' : bulk.failed > 0 ? 'bad' : 'good'}>{isOver ? texts.finished : texts.running}</Chip>{' '}
      {bulk.done} / {bulk.total}
      {bulk.failed === 0 ? null : ` · ${texts.failed} ${bulk.failed}`}
    </>,
    bulk.reason,
    <span class="soft">{bulk.actor}</span>,
  ];
}
