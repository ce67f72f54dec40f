import { codeBlocks } from '../explain/markdown.js';
import type { Language } from '../../base/language.js';

/** What an event's own workflow does, for the Temporal UI's current details: Markdown, in one language. */
export const eventCard = (eventId: string, language: Language): string =>
  [TEXTS[language === 'en' ? 'en' : 'zh'], '', ...codeBlocks([`paysaga events resend ${eventId} --reason ''`])].join(
    '\n',
  );

const TEXTS: Readonly<Record<Language, string>> = {
  zh: '正在通知店铺。没有得到 2xx 应答时按计划重试：5 秒、5 分钟、30 分钟、2、5、10、14、20、24 小时，之后订单显示 `shop_unreachable`。投递记录见订单的 `events`。店铺恢复后可立即重新发送：',
  en: "Telling the shop. Without a 2xx it is told again after 5 s, 5 min, 30 min, 2, 5, 10, 14, 20 and 24 h; then the order shows `shop_unreachable`. Each delivery is in the order's `events`. Once the shop listens it can be sent at once:",
};
