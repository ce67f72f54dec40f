import { raw } from 'hono/html';
import { formatCountdown, formatTime, pageLinks, textsOf, type PageModel } from './page-model.js';

/** How to pay, until when, and the button for those who have. */
export function PayPanel({ model }: { readonly model: PageModel }) {
  const texts = textsOf(model);
  const { product } = model.view;
  return (
    <div class="pay">
      <Means model={model} />
      <Deadline model={model} />
      <PaidForm model={model} />
      {product === 'h5' && model.inWechat ? null : <p class="note">{texts.note[product]}</p>}
    </div>
  );
}

function Means({ model }: { readonly model: PageModel }) {
  const texts = textsOf(model);
  switch (model.view.product) {
    case 'native':
      return <Native model={model} />;
    case 'h5':
      return <H5 model={model} />;
    case 'jsapi':
      return <Jsapi model={model} />;
    case 'miniProgram':
    case 'app':
      return <p class="how">{texts.how[model.view.product]}</p>;
  }
}

function Native({ model }: { readonly model: PageModel }) {
  const texts = textsOf(model);
  if (model.codeSvg === null) return <Renewing text={texts.renewing} />;
  return (
    <>
      <p class="how">{texts.how.native}</p>
      <div id="qr" class="qr" role="img" aria-label={texts.qrLabel}>
        {raw(model.codeSvg)}
      </div>
    </>
  );
}

function H5({ model }: { readonly model: PageModel }) {
  const texts = textsOf(model);
  if (model.inWechat) return <p class="how">{texts.h5Inside}</p>;
  if (model.view.h5Url === null) return <Renewing text={texts.renewing} />;
  return (
    <>
      <p class="how">{texts.how.h5}</p>
      <a id="h5-link" class="button primary" href={model.view.h5Url}>
        {texts.h5Button}
      </a>
    </>
  );
}

function Jsapi({ model }: { readonly model: PageModel }) {
  const texts = textsOf(model);
  if (model.invoke !== null) {
    return (
      <>
        <p class="how">{texts.how.jsapi}</p>
        <button
          id="jsapi-pay"
          type="button"
          class="button primary"
          data-invoke={JSON.stringify(model.invoke)}
          data-failed={texts.jsapiFailed}
        >
          {texts.jsapiButton}
        </button>
      </>
    );
  }
  if (model.pageSvg === null) return <Renewing text={texts.renewing} />;
  return (
    <>
      <p class="how">{texts.jsapiOutside}</p>
      <div id="page-qr" class="qr" role="img" aria-label={texts.jsapiQrLabel}>
        {raw(model.pageSvg)}
      </div>
    </>
  );
}

function Renewing({ text }: { readonly text: string }) {
  return (
    <div id="renewing" class="qr renewing">
      <span>{text}</span>
    </div>
  );
}

function Deadline({ model }: { readonly model: PageModel }) {
  const texts = textsOf(model);
  const { expiresAt } = model.view;
  return (
    <div class="deadline">
      <p class="left">
        {texts.timeLeft}{' '}
        <span id="countdown" role="timer" aria-live="off" data-day-unit={texts.dayUnit}>
          {formatCountdown(expiresAt.getTime() - model.now.getTime(), texts.dayUnit)}
        </span>
      </p>
      <p class="before">
        {texts.payBefore}{' '}
        <time data-local datetime={expiresAt.toISOString()}>
          {formatTime(expiresAt, model.language)}
        </time>
      </p>
    </div>
  );
}

function PaidForm({ model }: { readonly model: PageModel }) {
  const texts = textsOf(model);
  return (
    <form id="sync" method="post" action={pageLinks(model).sync}>
      <button id="paid-button" type="submit" class="button">
        {texts.paidButton}
      </button>
      <p
        id="sync-answer"
        role="status"
        data-asking={texts.asking}
        data-unseen={texts.answer.unseen}
        data-later={texts.answer.later}
        data-unavailable={texts.answer.unavailable}
      >
        {model.answer === undefined ? '' : texts.answer[model.answer]}
      </p>
    </form>
  );
}
