/** The page in the browser. The server draws each state: the script fetches the page again and takes its panel over. */
export const CLIENT_SCRIPT = String.raw`(() => {
  'use strict';
  const main = document.getElementById('checkout');
  if (!main) return;
  const byId = (id) => document.getElementById(id);
  const facts = main.dataset;
  let offsetMs = Number(facts.serverNow) - Date.now();
  let codeSvg;
  let source;
  let offlineTimer;

  const now = () => Date.now() + offsetMs;
  const later = (run, ms) => setTimeout(run, ms);

  function localTimes() {
    const format = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: 'medium', timeStyle: 'short' });
    for (const time of document.querySelectorAll('time[data-local]')) time.textContent = format.format(new Date(time.dateTime));
  }

  function clockText(leftMs, dayUnit) {
    const total = Math.max(0, Math.ceil(leftMs / 1000));
    const two = (value) => String(value).padStart(2, '0');
    const days = Math.floor(total / 86400);
    const hours = Math.floor(total / 3600) % 24;
    const minutes = Math.floor(total / 60) % 60;
    const clock = days + hours > 0 ? hours + ':' + two(minutes) + ':' + two(total % 60) : minutes + ':' + two(total % 60);
    return days > 0 ? days + dayUnit + ' ' + clock : clock;
  }

  let endSeen = false;
  function tick() {
    const countdown = byId('countdown');
    if (!countdown) return;
    const leftMs = Number(facts.expiresAt) - now();
    const text = clockText(leftMs, countdown.dataset.dayUnit);
    if (countdown.textContent !== text) countdown.textContent = text;
    countdown.closest('.deadline').classList.toggle('short', leftMs < 60000);
    if (leftMs > 0) endSeen = false;
    else if (!endSeen) {
      endSeen = true;
      later(refresh, 1000);
    }
  }

  let refreshing = false;
  let refreshAgain = false;
  async function refresh() {
    if (refreshing) {
      refreshAgain = true;
      return;
    }
    refreshing = true;
    refreshAgain = false;
    try {
      await takeOverPage();
    } catch {
      later(refresh, 3000);
    } finally {
      refreshing = false;
    }
    if (refreshAgain) refresh();
  }

  async function takeOverPage() {
    const response = await fetch(facts.page, { headers: { Accept: 'text/html' }, credentials: 'omit', cache: 'no-store' });
    if (response.status === 404 || response.status === 410) return location.reload();
    if (!response.ok) throw new Error('not available');
    const next = new DOMParser().parseFromString(await response.text(), 'text/html');
    const nextMain = next.getElementById('checkout');
    if (!nextMain || Number(nextMain.dataset.version) < Number(facts.version)) return;
    const hadFocus = byId('panel').contains(document.activeElement);
    Object.assign(facts, nextMain.dataset);
    offsetMs = Number(facts.serverNow) - Date.now();
    document.title = next.title;
    for (const id of ['amount', 'status']) takeOver(byId(id), next.getElementById(id));
    byId('panel').replaceChildren(...next.getElementById('panel').childNodes);
    codeSvg = undefined;
    if (hadFocus) main.focus({ preventScroll: true });
    localTimes();
    tick();
    if (facts.status === 'refunded') unfollow();
  }

  function takeOver(old, fresh) {
    old.className = fresh.className;
    Object.assign(old.dataset, fresh.dataset);
    if (old.textContent !== fresh.textContent) old.textContent = fresh.textContent;
  }

  function apply(event) {
    if (event.version < Number(facts.version)) return;
    offsetMs = Date.parse(event.serverNow) - Date.now();
    const link = byId('h5-link');
    const isNewCode = facts.product === 'jsapi' && event.version > Number(facts.version);
    const isNews = facts.status !== 'awaiting' && event.version > Number(facts.version);
    const isOtherPanel = Boolean(event.codeSvg) !== Boolean(byId('qr')) || (event.h5Url === null && link !== null);
    if (event.status !== facts.status || isNews || isNewCode || isOtherPanel || (event.h5Url !== null && byId('renewing'))) return refresh();
    facts.version = event.version;
    if (String(Date.parse(event.expiresAt)) !== facts.expiresAt) return refresh();
    if (event.codeSvg && event.codeSvg !== codeSvg) showCode(event.codeSvg);
    if (event.h5Url && link) link.href = event.h5Url;
  }

  function showCode(svg) {
    const drawing = new DOMParser().parseFromString(svg, 'image/svg+xml').documentElement;
    byId('qr').replaceChildren(document.importNode(drawing, true));
    codeSvg = svg;
  }

  function follow() {
    if (facts.status === 'refunded') return;
    if (!window.EventSource) return void setInterval(refresh, 10000);
    source = new EventSource(facts.stream);
    source.addEventListener('open', connected);
    source.addEventListener('order', (message) => apply(JSON.parse(message.data)));
    source.addEventListener('error', disconnected);
  }

  function unfollow() {
    if (source) source.close();
    connected();
  }

  function connected() {
    clearTimeout(offlineTimer);
    offlineTimer = undefined;
    byId('connection').textContent = '';
  }

  function disconnected() {
    const text = byId('connection').dataset.text;
    if (!offlineTimer && facts.status !== 'paid') offlineTimer = later(() => (byId('connection').textContent = text), 8000);
    if (source.readyState !== EventSource.CLOSED) return;
    refresh();
    later(follow, 10000);
  }

  async function ask() {
    const form = byId('sync');
    const button = byId('paid-button');
    if (!form || button.getAttribute('aria-disabled') === 'true') return;
    const words = byId('sync-answer').dataset;
    button.setAttribute('aria-disabled', 'true');
    say(words.asking);
    const giveUp = new AbortController();
    const timer = later(() => giveUp.abort(), 15000);
    try {
      const response = await fetch(form.action, {
        method: 'POST',
        headers: { Accept: 'application/json' },
        credentials: 'omit',
        signal: giveUp.signal,
      });
      if (response.ok) {
        const event = await response.json();
        say(event.status === facts.status ? words.unseen : '');
        apply(event);
      } else say(response.status === 429 ? words.later : words.unavailable);
    } catch {
      say(words.unavailable);
    } finally {
      clearTimeout(timer);
      button.removeAttribute('aria-disabled');
    }
  }

  function say(text) {
    const answer = byId('sync-answer');
    if (answer) answer.textContent = text;
  }

  const memory = 'paysaga-left-' + facts.order;
  function leave() {
    try {
      sessionStorage.setItem(memory, '1');
    } catch {
      /* Without storage the payer presses the button. */
    }
  }

  function comeBack() {
    if (document.visibilityState !== 'visible') return;
    try {
      if (sessionStorage.getItem(memory) === null) return;
      sessionStorage.removeItem(memory);
    } catch {
      return;
    }
    ask();
  }

  function payInWechat(button) {
    const call = () =>
      window.WeixinJSBridge.invoke('getBrandWCPayRequest', JSON.parse(button.dataset.invoke), (result) => {
        if (result.err_msg === 'get_brand_wcpay_request:ok') ask();
        else if (result.err_msg !== 'get_brand_wcpay_request:cancel') say(button.dataset.failed);
      });
    if (window.WeixinJSBridge) call();
    else document.addEventListener('WeixinJSBridgeReady', call, { once: true });
  }

  main.addEventListener('submit', (event) => {
    event.preventDefault();
    ask();
  });
  main.addEventListener('click', (event) => {
    if (event.target.closest('#h5-link')) leave();
    const wechat = event.target.closest('#jsapi-pay');
    if (wechat) payInWechat(wechat);
  });
  document.addEventListener('visibilitychange', comeBack);
  window.addEventListener('pageshow', comeBack);

  localTimes();
  tick();
  setInterval(tick, 250);
  follow();
})();
`;
