import type { Language } from '../../../domain/explain.js';

const BEIJING_MS = 8 * 3_600_000;

/** `2026-03-01 18:05:09`, Beijing time: what WeChat Pay's own platform shows. */
export const beijingTime = (at: Date): string =>
  new Date(at.getTime() + BEIJING_MS).toISOString().slice(0, 19).replace('T', ' ');

const UNITS = [
  { ms: 86_400_000, zh: ' 天', en: ' d' },
  { ms: 3_600_000, zh: ' 小时', en: ' h' },
  { ms: 60_000, zh: ' 分', en: ' min' },
  { ms: 1_000, zh: ' 秒', en: ' s' },
] as const;

/** `2 h 5 min`: the largest unit and the next one, never more. */
export function duration(ms: number, language: Language): string {
  const wholeMs = Math.max(0, Math.round(ms / 1_000) * 1_000);
  const first = UNITS.findIndex((unit) => wholeMs >= unit.ms);
  if (first === -1) return `0${UNITS[3][language]}`;
  const parts = UNITS.slice(first, first + 2).reduce<{ left: number; parts: string[] }>(
    ({ left, parts: found }, unit) => {
      const count = Math.floor(left / unit.ms);
      const part = count > 0 ? [`${count}${unit[language]}`] : [];
      return { left: left % unit.ms, parts: [...found, ...part] };
    },
    { left: wholeMs, parts: [] },
  );
  return parts.parts.join(' ');
}

/** `5 min ago`, `in 5 min`. */
export function relativeTime(at: Date, now: Date, language: Language): string {
  const ms = at.getTime() - now.getTime();
  const length = duration(Math.abs(ms), language);
  if (Math.abs(ms) < 1_000) return language === 'zh' ? '现在' : 'now';
  if (language === 'zh') return ms < 0 ? `${length}前` : `${length}后`;
  return ms < 0 ? `${length} ago` : `in ${length}`;
}
