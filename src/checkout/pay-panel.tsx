import { raw } from 'hono/html';
import { formatCountdown, formatTime, pageLinks, textsOf, type PageModel } from './page-model.js';

export function PayPanel({ model }: { readonly model: PageModel }) {
  return (
    <div class="pay">
      <Means model={model} />
      <Deadline model={model} />
      <PaidForm model={model} />
      <Note model={model} />
    </div>
  );
}

function Note({ model }: { readonly model: PageModel }) {
  const texts = textsOf(model);
  const { product } = model.view;
  if (product === 'h5' && (model.inWechat || !model.onPhone)) return null;
  const note = product === 'native' && model.inWechat ? texts.nativeInsideNote : texts.note[product];
  return <p class="note">{note}</p>;
}

function Means({ model }: { readonly model: PageModel }) {
  const texts = textsOf(model);
  const { product, h5Url } = model.view;
  switch (product) {
    case 'native':
      return (
        <Code
          id="qr"
          svg={model.codeSvg}
          how={model.inWechat ? texts.nativeInside : texts.how.native}
          label={texts.qrLabel}
          model={model}
        />
      );
    case 'h5':
      if (model.inWechat) return <p class="how">{texts.h5Inside}</p>;
      if (!model.onPhone) return <H5OnComputer model={model} />;
      if (h5Url === null) return <Renewing model={model} />;
      return (
        <>
          <p class="how">{texts.how.h5}</p>
          <a id="h5-link" class="button primary" href={h5Url}>
            {texts.h5Button}
          </a>
        </>
      );
    case 'jsapi':
      if (!model.inWechat && model.onPhone) return <p class="how">{texts.jsapiOnPhone}</p>;
      if (model.invoke === null) {
        const svg = model.pageSvg;
        return <Code id="page-qr" svg={svg} how={texts.jsapiOutside} label={texts.jsapiQrLabel} model={model} />;
      }
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
    case 'miniProgram':
    case 'app':
    case 'codeScan':
      return <p class="how">{texts.how[product]}</p>;
  }
}

/** WeChat opens an H5 link in a phone's browser alone. The link stays, for a phone that says it is a computer. */
function H5OnComputer({ model }: { readonly model: PageModel }) {
  const texts = textsOf(model);
  const { h5Url } = model.view;
  return (
    <>
      <Code id="page-qr" svg={model.pageSvg} how={texts.h5OnComputer} label={texts.h5QrLabel} model={model} />
      <p class="note">{texts.h5OnComputerNote}</p>
      {h5Url === null ? null : (
        <a id="h5-link" class="quiet" href={h5Url}>
          {texts.h5HereAfterAll}
        </a>
      )}
    </>
  );
}

type CodeProps = {
  readonly id: string;
  readonly svg: string | null;
  readonly how: string;
  readonly label: string;
  readonly model: PageModel;
};

function Code({ id, svg, how, label, model }: CodeProps) {
  if (svg === null) return <Renewing model={model} />;
  return (
    <>
      <p class="how">{how}</p>
      <div id={id} class="qr" role="img" aria-label={label}>
        {raw(svg)}
      </div>
    </>
  );
}

function Renewing({ model }: { readonly model: PageModel }) {
  return (
    <div id="renewing" class="qr renewing">
      <span>{textsOf(model).renewing}</span>
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
