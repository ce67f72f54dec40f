import { Command } from 'commander';
import { z } from 'zod';
import { actCommand, type WriteAnswer } from '../cli/kit/act.js';
import { eventAnswer, type EventAnswer } from '../cli/kit/answers.js';
import { openApi, parsed, writeAnswer } from '../cli/kit/api.js';
import { CliFailure, EXIT, type CliEnvironment, type Configured } from '../cli/kit/command.js';
import { dayOf, rowId, withApiOptions, type ApiOptions } from '../cli/kit/options.js';
import { time, writeFacts, writeJson, writeTable } from '../cli/kit/output.js';

const EXAMPLE = `
Examples:
  $ paysaga events test --mchid 1900000001
  $ paysaga events list 2026-11-22 --mchid 1900000001
  $ paysaga events resend 67700ef7-a7dc-4184-bcb3-4fabafc7ff1f --reason 'the shop was down all night'
`;

export const eventsCommand = (env: CliEnvironment, configured: Configured): Command =>
  configured(new Command('events'))
    .description('what the shop is told')
    .addHelpText('after', EXAMPLE)
    .addCommand(test(env, configured))
    .addCommand(resend(env, configured))
    .addCommand(ofDay(env, configured));

const told = z.object({ id: z.string(), status: z.number(), ms: z.number(), outcome: z.string() });

const test = (env: CliEnvironment, configured: Configured): Command =>
  withApiOptions(configured(new Command('test')))
    .description("send a signed test event to the shop's endpoint, and say what came back")
    .addHelpText('after', EXAMPLE)
    .action(async (options: ApiOptions) => {
      const { body } = await (await openApi(env, options)).post('/v1/events/test', {});
      const { id, status, ms, outcome } = parsed(told, body);
      if (options.json === true) writeJson(env, body);
      else
        writeFacts(env, `${id}: ${outcome}`, [
          ['status', status === 0 ? 'none' : `${status}`],
          ['after', `${ms} ms`],
        ]);
      if (outcome !== 'delivered') throw new CliFailure(EXIT.failed, `the shop was not told (${outcome})`);
    });

const ofDay = (env: CliEnvironment, configured: Configured): Command =>
  withApiOptions(configured(new Command('list')))
    .description('what the shop was told of a day that was held against the bills; of an order, show lists it')
    .argument('<day>', 'a calendar day in Beijing', dayOf)
    .action(async (day: string, options: ApiOptions) => {
      const answer = await (await openApi(env, options)).get(`/v1/reconciliations/${day}/events`);
      if (options.json === true) writeJson(env, answer);
      else writeTable(env.stdout, parsed(eventList, answer).items, DAY_EVENT_COLUMNS);
    });

const text = z.string().nullable();
const discrepancy = z.object({ class: z.string(), orderNo: text, outTradeNo: text, refundNo: text });
const dayEvent = eventAnswer.extend({ discrepancy: discrepancy.nullish() });
const eventList = z.object({ items: z.array(dayEvent) });

/** A table of an order's events, each with how its last try was answered. */
export const EVENT_COLUMNS = {
  event: (it: EventAnswer) => it.id,
  type: (it: EventAnswer) => it.type,
  created: (it: EventAnswer) => time(it.createdAt),
  delivered: (it: EventAnswer) => (it.deliveredAt === null ? 'no' : time(it.deliveredAt)),
  tries: (it: EventAnswer) => `${it.deliveries.length}`,
  'last answer': (it: EventAnswer) => lastAnswerOf(it.deliveries),
} as const;

const { event, type, ...deliveries } = EVENT_COLUMNS;
const DAY_EVENT_COLUMNS = {
  ...{ event, type },
  about: ({ discrepancy: it }: z.infer<typeof dayEvent>) =>
    it == null ? null : `${it.class} ${it.refundNo ?? it.orderNo ?? it.outTradeNo ?? ''}`.trimEnd(),
  ...deliveries,
} as const;

function lastAnswerOf(deliveries: EventAnswer['deliveries']): string | null {
  const last = deliveries.at(-1);
  if (last === undefined) return null;
  return last.status === 0 ? last.outcome : `${last.status} ${last.outcome}`;
}

const writeEvent: WriteAnswer = (env, said, body, json) =>
  writeAnswer(env, json, body, eventAnswer, (event) =>
    writeFacts(env, `${event.id}: ${said}`, [
      ['type', event.type],
      ['created', time(event.createdAt)],
      ['delivered', event.deliveredAt === null ? 'not yet' : time(event.deliveredAt)],
      ['tries so far', `${event.deliveries.length}`],
    ]),
  );

const resend = actCommand({
  name: 'resend',
  description: 'tell the shop again: the same event, tried from the beginning of its schedule',
  takes: [['<id>', 'as show lists it', rowId]],
  examples: EXAMPLE,
  path: (id) => `/v1/events/${id}/resend`,
  said: () => 'being sent again',
  write: writeEvent,
});
