import { Command } from 'commander';
import { eventAnswer } from './kit/answers.js';
import { openApi, writeAnswer } from './kit/api.js';
import type { CliEnvironment, Configured } from './kit/command.js';
import { rowId, withApiOptions, withReason, type ReasonOptions } from './kit/options.js';
import { time, writeFacts } from './kit/output.js';

const EXAMPLE = `
Example:
  $ paysaga events resend 67700ef7-a7dc-4184-bcb3-4fabafc7ff1f --reason 'the shop was down all night'
`;

export function eventsCommand(env: CliEnvironment, configured: Configured): Command {
  const events = configured(new Command('events')).description('what the shop is told').addHelpText('after', EXAMPLE);
  return events.addCommand(
    withReason(withApiOptions(configured(new Command('resend'))))
      .description('tell the shop again: the same event, tried from the beginning of its schedule')
      .argument('<id>', 'as show lists it', rowId)
      .addHelpText('after', EXAMPLE)
      .action((id: string, options: ReasonOptions) => resend(env, id, options)),
  );
}

async function resend(env: CliEnvironment, id: string, { reason, ...options }: ReasonOptions): Promise<void> {
  const api = await openApi(env, options);
  const { body } = await api.post(`/v1/events/${id}/resend`, { reason });
  writeAnswer(env, options.json, body, eventAnswer, (event) =>
    writeFacts(env, `${event.id}: being sent again`, [
      ['type', event.type],
      ['created', time(event.createdAt)],
      ['delivered', event.deliveredAt === null ? 'not yet' : time(event.deliveredAt)],
      ['tries so far', `${event.deliveries.length}`],
    ]),
  );
}
