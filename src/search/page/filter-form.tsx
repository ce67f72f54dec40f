import type { Context } from 'hono';
import type { Child } from 'hono/jsx';
import type { IngressEnv } from '../../http/kit/route.js';
import { MerchantSelect } from '../../ops/kit/merchants.js';
import { paths } from '../../orders/page/model.js';
import { pathWith } from '../../reconciliation/page/place.js';
import type { Entered, Field, Wrong } from './entered.js';
import { LIST_TEXTS } from './text.js';

type Props = {
  readonly c: Context<IngressEnv>;
  readonly action: string;
  readonly hint: string;
  readonly entered: Entered;
  readonly wrong: Wrong;
  /** Of the list's own choices. */
  readonly children: Child;
};

/** A form that is sent into the address: it can be kept and passed on, and the browser's way back leads through it. */
export function FilterForm({ c, action, hint, entered, wrong, children }: Props) {
  const texts = LIST_TEXTS[c.get('language')];
  return (
    <form class="card choose list-filter" method="get" action={action} id="filter">
      <label class="pair find-words">
        {texts.q} <Input name="q" type="search" {...{ entered, wrong }} placeholder={hint} />
      </label>
      <MerchantSelect c={c} />
      {children}
      <label class="pair">
        {texts.amount} <Input name="amount" inputmode="decimal" {...{ entered, wrong }} placeholder="88.00" />
      </label>
      <label class="pair">
        {texts.from} <Input name="from" type="datetime-local" {...{ entered, wrong }} />
      </label>
      <label class="pair">
        {texts.to} <Input name="to" type="datetime-local" {...{ entered, wrong }} />
      </label>
      <button class="button primary" type="submit">
        {texts.show}
      </button>
      <a class="button" href={pathWith(action, { mchid: c.req.query('mchid') })}>
        {texts.reset}
      </a>
      <WhatIsWrong c={c} wrong={wrong} />
    </form>
  );
}

type InputProps = {
  readonly name: Field;
  readonly type?: string;
  readonly inputmode?: 'decimal';
  readonly placeholder?: string;
  readonly entered: Entered;
  readonly wrong: Wrong;
};

const Input = ({ name, type = 'text', inputmode, placeholder, entered, wrong }: InputProps) => (
  <input
    {...{ name, type, value: entered[name] }}
    {...(inputmode === undefined ? {} : { inputmode })}
    {...(placeholder === undefined ? {} : { placeholder })}
    {...(wrong[name] === undefined ? {} : { 'aria-invalid': 'true' as const, 'aria-describedby': `wrong-${name}` })}
    autocomplete="off"
  />
);

type ChoiceProps = {
  readonly name: Field;
  readonly label: string;
  readonly entered: Entered;
  readonly options: readonly (readonly [value: string, text: string])[];
};

export const Choice = ({ name, label, entered, options }: ChoiceProps) => (
  <label>
    <span class="visually-hidden">{label}</span>
    <select name={name}>
      {options.map(([value, text]) => (
        <option value={value} selected={value === entered[name]}>
          {text}
        </option>
      ))}
    </select>
  </label>
);

const FIELDS = ['q', 'state', 'cause', 'amount', 'by', 'from', 'to'] as const satisfies readonly Field[];

function WhatIsWrong({ c, wrong }: Pick<Props, 'c' | 'wrong'>) {
  const texts = LIST_TEXTS[c.get('language')];
  return (
    <>
      {FIELDS.map((field) => {
        const why = wrong[field];
        return why === undefined ? null : (
          <p class="wrong" id={`wrong-${field}`} role="alert" data-wrong={why}>
            {why === 'invalid' ? texts.wrong[field] : texts[why]}
          </p>
        );
      })}
    </>
  );
}

/** Between orders and refunds; what was looked for goes along. */
export function ListTabs({ c, active }: { readonly c: Context<IngressEnv>; readonly active: string }) {
  const texts = LIST_TEXTS[c.get('language')];
  const { mchid, q } = c.req.query();
  const tabs = [
    [paths.orders, texts.orders],
    [paths.refunds, texts.refunds],
  ] as const;
  return (
    <nav class="tabs" aria-label={texts.orders}>
      {tabs.map(([path, text]) => (
        <a
          class="tab"
          href={pathWith(path, { mchid, q })}
          {...(path === active ? { 'aria-current': 'page' as const } : {})}
        >
          {text}
        </a>
      ))}
    </nav>
  );
}
