import { Command } from 'commander';
import { actCommand, type WriteAnswer } from '../cli/kit/act.js';
import { eventAnswer } from '../cli/kit/answers.js';
import { writeAnswer } from '../cli/kit/api.js';
import type { CliEnvironment, Configured } from '../cli/kit/command.js';
import { rowId } from '../cli/kit/options.js';
import { time, writeFacts } from '../cli/kit/output.js';

const EXAMPLE = `
Example:
  $ paysaga events resend 67700ef7-a7dc-4184-bcb3-4fabafc7ff1f --reason 'the shop was down all night'
`;

export const eventsCommand = (env: CliEnvironment, configured: Configured): Command =>
  configured(new Command('events'))
    .description('what the shop is told')
    .addHelpText('after', EXAMPLE)
    .addCommand(resend(env, configured));

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
