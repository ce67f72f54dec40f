/** Draws the charts, and refreshes elements marked `data-live` from the page as the server draws it now. */
export const CLIENT_SCRIPT = String.raw`(() => {
  'use strict';
  const EVERY_MS = 15000;
  const byId = (id) => document.getElementById(id);
  const root = byId('charts');
  const charts = new Map();

  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const palette = () => [1, 2, 3, 4, 5, 6].map((n) => colour('--series-' + n));
  // Red is for what failed, on every chart.
  const fixed = { succeeded: 1, processing: 0, requested: 4, rejected: 3, abnormal: 2, closed: 5 };

  function datasetsOf(chart) {
    const colours = palette();
    return chart.series
      .map((series, n) => ({
        label: series.name,
        data: chart.unit === 'fen' ? series.values.map((value) => value / 100) : series.values,
        backgroundColor: colours[(chart.id === 'refunds' ? fixed[series.key] : n) % colours.length],
        borderWidth: 0,
        borderRadius: 2,
        maxBarThickness: 28,
      }))
      .filter((set) => chart.id === 'time' || set.data.some((value) => value > 0));
  }

  const yuan = (value, places) => '¥' + value.toLocaleString('en', { minimumFractionDigits: places, maximumFractionDigits: 2 });
  const inYuan = {
    ticks: { callback: (value) => yuan(value, 0) },
    callbacks: { label: (item) => item.dataset.label + ' ' + yuan(item.raw, 2) },
  };

  function optionsOf(chart) {
    const { ticks: unit, callbacks } = chart.unit === 'fen' ? inYuan : {};
    const stacked = chart.isStacked !== false;
    const text = colour('--soft');
    const grid = { color: colour('--line'), drawTicks: false };
    const ticks = { color: text, maxRotation: 0, autoSkipPadding: 12, font: { size: 11 } };
    return {
      animation: false,
      responsive: true,
      maintainAspectRatio: false,
      interaction: { mode: 'index', intersect: false },
      scales: {
        x: { stacked, grid: { display: false }, border: { color: colour('--line') }, ticks: { ...ticks, autoSkip: chart.id !== 'time' } },
        y: { stacked, beginAtZero: true, suggestedMax: 4, grid, border: { display: false }, ticks: { ...ticks, precision: 0, maxTicksLimit: 5, ...unit } },
      },
      plugins: {
        legend: {
          display: chart.id !== 'time' && datasetsOf(chart).length > 0,
          position: 'bottom',
          align: 'start',
          labels: { color: text, boxWidth: 10, boxHeight: 10, padding: 12, font: { size: 11 } },
        },
        tooltip: { filter: (item) => item.raw > 0, ...(callbacks ? { callbacks } : {}) },
      },
    };
  }

  function draw(model) {
    const box = root.querySelector('[data-chart="' + model.id + '"]');
    if (!box) return;
    const isEmpty = model.series.every((series) => series.values.every((value) => value === 0));
    box.hidden = isEmpty;
    if (isEmpty) return;
    const config = { type: 'bar', data: { labels: model.labels, datasets: datasetsOf(model) }, options: optionsOf(model) };
    const there = charts.get(model.id);
    if (there) {
      Object.assign(there, { data: config.data, options: config.options });
      there.update('none');
    } else charts.set(model.id, new Chart(box.querySelector('canvas'), config));
  }

  /** What the page holds itself, else what its address answers. */
  async function modelsNow() {
    if (!root.dataset.from) return [...root.querySelectorAll('[data-model]')].map((box) => JSON.parse(box.dataset.model));
    const response = await fetch(root.dataset.from, { headers: { Accept: 'application/json' }, cache: 'no-store' });
    return response.ok && !response.redirected ? (await response.json()).charts : undefined;
  }

  let models = [];
  async function loadCharts() {
    if (!root || !window.Chart) return;
    const loaded = await modelsNow();
    if (!loaded) return;
    models = loaded;
    models.forEach(draw);
    root.dataset.drawn = String(models.length);
  }

  /** Everything that is live, but for what somebody is selecting; whatever had the focus has it again. */
  function takeOver(next) {
    const selection = getSelection();
    for (const old of document.querySelectorAll('[data-live]')) {
      const fresh = next.getElementById(old.id);
      const isSelected = selection && !selection.isCollapsed && selection.containsNode(old, true);
      if (!fresh || isSelected || old.innerHTML === fresh.innerHTML) continue;
      const focused = old.contains(document.activeElement) ? document.activeElement.getAttribute('href') : null;
      old.replaceChildren(...document.adoptNode(fresh).childNodes);
      if (focused === null) continue;
      const again = [...old.querySelectorAll('a')].find((link) => link.getAttribute('href') === focused);
      if (again) again.focus({ preventScroll: true });
    }
  }

  let refreshing = false;
  async function refresh() {
    if (refreshing || document.hidden) return;
    refreshing = true;
    try {
      const response = await fetch(location.href, { headers: { Accept: 'text/html' }, cache: 'no-store' });
      // The session is over: the server leads to the door.
      if (response.redirected) return location.reload();
      if (!response.ok) throw new Error('not available');
      takeOver(new DOMParser().parseFromString(await response.text(), 'text/html'));
      byId('as-of').classList.remove('stale');
      await loadCharts();
    } catch {
      stale();
    } finally {
      refreshing = false;
    }
  }

  function stale() {
    const line = byId('as-of');
    line.classList.add('stale');
    line.firstElementChild.textContent = line.dataset.stale;
  }

  if (byId('as-of')) {
    setInterval(refresh, EVERY_MS);
    document.addEventListener('visibilitychange', refresh);
    loadCharts().catch(stale);
  } else loadCharts();
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => models.forEach(draw));
})();
`;
