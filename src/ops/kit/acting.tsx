import { createContext, useContext, type Child } from 'hono/jsx';
import { perLanguage, type Language } from '../../base/language.js';
import { CsrfField } from './form.js';

/** Who looks at the page. Whatever leads to a deed asks here: those who may only read see none of it. */
export const Viewer = createContext<{ readonly mayAct: boolean; readonly language: Language }>({
  mayAct: false,
  language: 'zh',
});

export const useMayAct = (): boolean => useContext(Viewer).mayAct;

type LinkProps = {
  readonly class: string;
  readonly href: string;
  readonly id?: string;
  readonly 'aria-label'?: string;
  readonly children: Child;
};

/** A button that leads to a form. */
export const ActLink = ({ children, ...link }: LinkProps) => (useMayAct() ? <a {...link}>{children}</a> : null);

type FormProps = {
  readonly class?: string;
  readonly id?: string;
  readonly action: string;
  /** `c.get('csrfToken')`. */
  readonly token: string;
  readonly children: Child;
};

/** Every form below `/ops` that does something. */
export function ActForm({ token, children, ...form }: FormProps) {
  const { mayAct, language } = useContext(Viewer);
  if (!mayAct) return <p class="hint read-only">{TEXTS[language].readOnly}</p>;
  return (
    <form method="post" {...form}>
      <CsrfField token={token} />
      {children}
    </form>
  );
}

const TEXTS = perLanguage({
  readOnly: ['您的密钥只能查看，不能操作。', 'Your key may look at everything and do nothing.'],
});
