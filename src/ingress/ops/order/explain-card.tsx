import { orderWorkflowId } from '../../../domain/ids.js';
import { ACTION_TEXTS } from '../actions/text.js';
import { orderTone, paths, type OrderPageModel } from './model.js';
import { nextStepText } from './next-step-text.js';
import { Fact, TemporalLink, When } from './pieces.js';
import { ORDER_TEXTS } from './text.js';
import { kindText, outcomeText } from './timeline-text.js';

type Props = { readonly model: OrderPageModel };

/** Why the order stands where it stands, and what can be done about it: what an operator came for. */
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
        {nextStepText(explanation, language)}
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
        <br />
        <When at={new Date(lastAnswer.at)} now={now} language={language} />
      </Fact>
      <Fact label={texts.attemptsMade}>{attempts}</Fact>
    </>
  );
}

function Actions({ model: { order, actions, language } }: Props) {
  return (
    <nav class="actions" aria-label={ORDER_TEXTS[language].whatYouCanDo}>
      {actions.map((action) => (
        <a class="button" id={`do-${action}`} href={paths.orderAction(order, action)}>
          {ACTION_TEXTS[language].action[action]}
        </a>
      ))}
    </nav>
  );
}

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
