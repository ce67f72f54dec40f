import type { Language } from '../base/language.js';

/** In Beijing time and saying so: what is known without a script. The page's script tells it in the payer's own zone. */
export function formatTime(at: Date, language: Language): string {
  const text = new Intl.DateTimeFormat(language === 'zh' ? 'zh-CN' : 'en-GB', {
    timeZone: 'Asia/Shanghai',
    dateStyle: 'medium',
    timeStyle: 'short',
  }).format(at);
  return language === 'zh' ? `北京时间 ${text}` : `${text} (Beijing)`;
}

/** `4:05`, `1:04:05`, `2d 1:04:05`; never below zero. The page's script counts on in the same form. */
export function formatCountdown(leftMs: number, dayUnit: string): string {
  const total = Math.max(0, Math.ceil(leftMs / 1000));
  const [days, hours] = [Math.floor(total / 86_400), Math.floor(total / 3600) % 24];
  const [minutes, seconds] = [Math.floor(total / 60) % 60, total % 60];
  const two = (value: number): string => String(value).padStart(2, '0');
  const clock = days + hours > 0 ? `${hours}:${two(minutes)}:${two(seconds)}` : `${minutes}:${two(seconds)}`;
  return days > 0 ? `${days}${dayUnit} ${clock}` : clock;
}
