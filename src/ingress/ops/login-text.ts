import type { Language } from '../../base/language.js';

/** Why nobody was let in. */
export type LoginProblem = 'wrong' | 'merchant' | 'limited';

const zh = {
  title: '登录运营台',
  lead: '请输入您的操作员密钥。您在这里所做的一切都会连同密钥上的姓名一起留存。',
  key: '操作员密钥',
  submit: '登录',
  howTo: '登录 12 小时内有效。创建密钥：',
  problem: {
    wrong: '密钥不正确，或已被吊销。',
    merchant: '这是商户密钥。运营台只接受操作员密钥，因为操作要留下操作人的姓名。',
    limited: '失败次数过多，请稍后再试。',
  } satisfies Readonly<Record<LoginProblem, string>>,
};

type LoginTexts = typeof zh;

const en: LoginTexts = {
  title: 'Sign in to operations',
  lead: 'Enter your operator key. Whatever you do here is kept with the name on it.',
  key: 'Operator key',
  submit: 'Sign in',
  howTo: 'You stay signed in for 12 hours. To make a key:',
  problem: {
    wrong: 'The key is not known, or was revoked.',
    merchant:
      'This is a merchant key. Only operator keys open this page: what is done here is kept with a person’s name.',
    limited: 'Too many failed tries. Please try again in a moment.',
  },
};

export const LOGIN: Readonly<Record<Language, LoginTexts>> = { zh, en };
