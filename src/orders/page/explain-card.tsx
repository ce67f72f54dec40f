import type { Language } from '../../base/language.js';
import { answerText, type GatewayRefusal } from '../rules/gateway-answer.js';
import { orderWorkflowId } from '../../base/ids.js';
import type { MerchantEventRecord } from '../../shop-events/rules/event.js';
import { APPROVAL_DECISION_NAMES } from '../../approvals/rules/approval.js';
import { DECISIONS } from '../../decisions/rules/decisions.js';
import { orderTone, paths, type OrderPageModel } from './model.js';
import { ActLink } from '../../ops/kit/acting.js';
import { Fact, TemporalLink, When } from '../../ops/kit/pieces.js';
import { ORDER_TEXTS } from './text.js';
import { kindText, outcomeText } from './timeline-text.js';

type Props = { readonly model: OrderPageModel };

export function ExplainCard({ model }: Props) {
  const { order, explanation, language } = model;
  const texts = ORDER_TEXTS[language];
  return (
    <section class={`card explain explain-${orderTone(order)}`} id="explain" data-waiting-for={explanation.waitingFor}>
      <p class="explain-text">{explanation.text[language]}</p>
      <dl class="facts">
        <Waits model={model} />
        <LastAnswer model={model} />
        <Fact label={texts.whoCanAct}>{texts.actors[explanation.actor]}</Fact>
      </dl>
      <Actions model={model} />
      <Commands model={model} />
      <p class="links">
        <TemporalLink href={model.temporal(orderWorkflowId(order.mchid, order.orderNo))} text={texts.inTemporal} />
      </p>
    </section>
  );
}

function Waits({ model: { explanation, language, now } }: Props) {
  const texts = ORDER_TEXTS[language];
  if (explanation.waitingFor === 'nothing') return null;
  const { nextAt } = explanation;
  return (
    <>
      <Fact label={texts.since}>
        <When at={new Date(explanation.since)} now={now} language={language} />
      </Fact>
      <Fact label={texts.next}>
        {language === 'zh' ? explanation.nextStepZh : explanation.nextStep}
        {nextAt === null ? null : (
          <>
            <br />
            <When at={new Date(nextAt)} now={now} language={language} />
          </>
        )}
      </Fact>
    </>
  );
}

function LastAnswer({ model: { explanation, language, now } }: Props) {
  const texts = ORDER_TEXTS[language];
  const { lastAnswer, attempts } = explanation;
  if (lastAnswer === null) return <Fact label={texts.lastAnswer}>{texts.noAnswer}</Fact>;
  return (
    <>
      <Fact label={texts.lastAnswer}>
        {kindText(`call.${lastAnswer.api}`, language)} → <b>{outcomeText(lastAnswer.outcome, language)}</b>
        <Reason gateway={lastAnswer.gateway} language={language} />
        <br />
        <When at={new Date(lastAnswer.at)} now={now} language={language} />
      </Fact>
      <Fact label={texts.attemptsMade}>{attempts}</Fact>
    </>
  );
}

/** What the order allows, and what can be done about a refund or an event that holds it up. */
function Actions({ model }: Props) {
  const { order, actions, language } = model;
  return (
    <nav class="actions" aria-label={ORDER_TEXTS[language].whatYouCanDo}>
      {actions.map((action) => (
        <ActLink class="button" id={`do-${action}`} href={paths.orderAction(order, action)}>
          {DECISIONS[action].title[language]}
        </ActLink>
      ))}
      {order.refunds.flatMap(({ outRefundNo }) =>
        (model.refundActions.get(outRefundNo) ?? []).map((action) => (
          <ActLink class="button" href={paths.refundAction(order.mchid, outRefundNo, action)}>
            {DECISIONS[action].title[language]} <span class="id">{outRefundNo}</span>
          </ActLink>
        )),
      )}
      {model.approvals.flatMap((approval) =>
        APPROVAL_DECISION_NAMES.map((action) => (
          <ActLink class="button" href={paths.approvalAction(approval, action)}>
            {DECISIONS[action].title[language]} <span class="id">{approval.outRefundNo}</span>
          </ActLink>
        )),
      )}
      {model.events
        .filter((event) => model.hasEndpoint && isUntold(event))
        .map(({ id, type }) => (
          <ActLink class="button" href={paths.resend(order.mchid, id)}>
            {DECISIONS.resend.title[language]} <span class="id">{type}</span>
          </ActLink>
        ))}
    </nav>
  );
}

const isUntold = ({ status }: MerchantEventRecord): boolean => status === 'exhausted' || status === 'unaddressed';

function Commands({ model: { explanation, language } }: Props) {
  const { commands } = explanation;
  if (commands.length === 0) return null;
  return (
    <details class="commands">
      <summary>{ORDER_TEXTS[language].commands}</summary>
      {commands.map((command) => (
        <pre tabindex={0}>
          <code>{command}</code>
        </pre>
      ))}
    </details>
  );
}

type ReasonProps = { readonly gateway: GatewayRefusal | null; readonly language: Language };

export function Reason({ gateway, language }: ReasonProps) {
  if (gateway === null) return null;
  return (
    <span class="soft">
      {' '}
      {ORDER_TEXTS[language].answered}: {answerText(gateway)}
    </span>
  );
}
