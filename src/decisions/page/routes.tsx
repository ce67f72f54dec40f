import type { Context, Hono } from 'hono';
import type { KeyedAsker } from '../../actions/use-cases/recorded-action.js';
import { ApiError, apiErrorOf, ERRORS, outageOf } from '../../http/kit/api-error.js';
import { useCaseDeps, type IngressDeps, type IngressEnv } from '../../http/kit/route.js';
import type { Mchid } from '../../base/ids.js';
import { describeError } from '../../base/describe-error.js';
import { hasEndpoint } from '../../orders/use-cases/explanation.js';
import { requireOrder } from '../../orders/use-cases/order.js';
import { requireInboxRow } from '../../inbox/use-cases/redrive.js';
import { requireEvent } from '../../shop-events/use-cases/resend.js';
import { operatorAsker } from '../../http/kit/actor.js';
import { requireRefund } from '../../refunds/use-cases/refund.js';
import { formOf } from '../../ops/kit/form.js';
import { requireMerchant } from '../../ops/kit/merchants.js';
import { page } from '../../ops/kit/page.js';
import { isApprovalDecision } from '../../approvals/rules/decisions.js';
import { requireApproval } from '../../approvals/use-cases/decide.js';
import { approvalForm, orderForm, redriveForm, refundForm, resendForm, type ActionForm } from './form.js';
import type { FormState } from './form-fields.js';
import { FormPage } from './form-page.js';
import { DECISIONS, isAboutOrder } from '../rules/decisions.js';
import { PERFORMERS, type DecisionInputs } from '../use-cases/performers.js';
import type { Perform } from '../../orders/use-cases/performers.js';
import { isRefundDecision } from '../../refunds/rules/decisions.js';
import { enteredOf, readSubmission, type Submission } from './fields.js';

type Case = {
  readonly form: ActionForm;
  readonly perform: (submission: Submission, asker: KeyedAsker) => Promise<'done' | 'pending' | 'known'>;
};

type CaseOf = (c: Context<IngressEnv>, deps: IngressDeps, mchid: Mchid) => Promise<Case>;

export function registerOpsActions(app: Hono<IngressEnv>, deps: IngressDeps): void {
  for (const [path, caseOf] of CASES) {
    const found = (c: Context<IngressEnv>) => caseOf(c, deps, requireMerchant(c, param(c, 'mchid')));
    app.get(path, async (c) => {
      const { form } = await found(c);
      return show(c, { form, entered: form.proposed });
    });
    app.post(path, async (c) => submit(c, deps, await found(c)));
  }
}

const RETRY_SECONDS = 5;

async function submit(c: Context<IngressEnv>, deps: IngressDeps, { form, perform }: Case): Promise<Response> {
  const entered = enteredOf(await formOf(c));
  const submission = readSubmission(form, entered);
  if (!submission.ok) return show(c, { form, entered, errors: submission.error }, 400);
  try {
    const came = await perform(submission.value, operatorAsker(c.get('operator'), submission.value.reason));
    return c.redirect(`${form.back}?done=${form.action}${came === 'done' ? '' : `-${came}`}`, 303);
  } catch (error) {
    const refusal = refusalOf(c, deps, error);
    if (ERRORS[refusal].status === 503) c.header('Retry-After', String(RETRY_SECONDS));
    return show(c, { form, entered, refusal }, ERRORS[refusal].status);
  }
}

/** Rethrows unexpected errors, which have a page of their own. */
function refusalOf(c: Context<IngressEnv>, deps: IngressDeps, error: unknown): ApiError['code'] {
  const outage = outageOf(error);
  const refusal = apiErrorOf(error) ?? outage;
  if (refusal === undefined) throw error;
  const { code } = refusal;
  c.set('errorCode', code);
  if (outage !== undefined)
    deps.log.warn({ requestId: c.get('requestId'), error: describeError(error) }, 'dependency unavailable');
  return code;
}

type Shown = Pick<FormState, 'form' | 'entered'> & Partial<Pick<FormState, 'errors' | 'refusal'>>;
type Status = 200 | 400 | (typeof ERRORS)[ApiError['code']]['status'];

async function show(c: Context<IngressEnv>, shown: Shown, status: Status = 200): Promise<Response> {
  const language = c.get('language');
  const state: FormState = { errors: {}, refusal: null, ...shown, language, csrfToken: c.get('csrfToken') };
  const title = DECISIONS[shown.form.action].title[language];
  return page(c, { title: `${title} · ${shown.form.subject}`, heading: title, status }, <FormPage state={state} />);
}

const CASES: readonly (readonly [path: string, caseOf: CaseOf])[] = [
  ['/ops/orders/:mchid/:orderNo/:action', orderCase],
  ['/ops/refunds/:mchid/:refundNo/:action', refundCase],
  ['/ops/approvals/:mchid/:id/:action', approvalCase],
  ['/ops/events/:mchid/:id/resend', eventCase],
  ['/ops/inbox/:mchid/:id/redrive', inboxCase],
];

const param = (c: Context<IngressEnv>, name: string): string => c.req.param(name) ?? '';

type Deps = ReturnType<typeof useCaseDeps>;

/** Performed the way the API does it, with the same checks and the same record of who asked. */
const performed =
  <Subject,>(
    given: IngressDeps,
    perform: Perform<Deps, Subject, DecisionInputs, KeyedAsker>,
    subject: Subject,
  ): Case['perform'] =>
  (inputs, asker) =>
    perform(useCaseDeps(given), subject, asker, inputs);

async function orderCase(c: Context<IngressEnv>, deps: IngressDeps, mchid: Mchid): Promise<Case> {
  const action = param(c, 'action');
  if (!isAboutOrder(action)) throw noSuchAction();
  const order = await requireOrder(deps.connection, { mchid, orderNo: param(c, 'orderNo') });
  return { form: orderForm(action, order, deps.now()), perform: performed(deps, PERFORMERS[action], order) };
}

async function refundCase(c: Context<IngressEnv>, deps: IngressDeps, mchid: Mchid): Promise<Case> {
  const action = param(c, 'action');
  if (!isRefundDecision(action)) throw noSuchAction();
  const refund = await requireRefund(deps.connection, { mchid, refundNo: param(c, 'refundNo') });
  const order = await requireOrder(deps.connection, refund);
  const call = { mchid, refundNo: refund.outRefundNo };
  return { form: refundForm(action, refund, order), perform: performed(deps, PERFORMERS[action], call) };
}

async function approvalCase(c: Context<IngressEnv>, deps: IngressDeps, mchid: Mchid): Promise<Case> {
  const action = param(c, 'action');
  if (!isApprovalDecision(action)) throw noSuchAction();
  const approval = await requireApproval(deps.connection, { mchid, id: param(c, 'id') });
  return { form: approvalForm(action, approval), perform: performed(deps, PERFORMERS[action], approval) };
}

async function eventCase(c: Context<IngressEnv>, deps: IngressDeps, mchid: Mchid): Promise<Case> {
  const event = await requireEvent(deps.connection, { mchid, id: param(c, 'id') });
  return { form: resendForm(event, hasEndpoint(deps, mchid)), perform: performed(deps, PERFORMERS.resend, event) };
}

async function inboxCase(c: Context<IngressEnv>, deps: IngressDeps, mchid: Mchid): Promise<Case> {
  const row = await requireInboxRow(deps.connection, { mchid, id: param(c, 'id') });
  return { form: redriveForm(row), perform: performed(deps, PERFORMERS.redrive, row) };
}

const noSuchAction = (): ApiError => new ApiError('not_found', 'There is no such action.');
