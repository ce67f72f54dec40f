import { Command } from 'commander';
import { z } from 'zod';
import { ORDER_EVENT_TYPES } from '../../shop-events/rules/event.js';
import { openApi, parsed } from '../kit/api.js';
import { CliFailure, EXIT, type CliEnvironment, type Configured } from '../kit/command.js';
import { withApiOptions, wordOf, type ApiOptions } from '../kit/options.js';
import { time, writeFacts, writeJson, writeTable } from '../kit/output.js';
import { openSandbox } from './sandbox.js';
import { newOrderNo, realSleep, SCENARIOS, until } from './scenarios.js';

type Options = ApiOptions & { readonly sandbox?: string; readonly list?: true };
type Type = (typeof ORDER_EVENT_TYPES)[number];

const EXAMPLE = `
Examples:
  $ paysaga trigger --list
  $ paysaga trigger order.paid
  $ paysaga trigger refund.abnormal --sandbox http://127.0.0.1:8090
`;

/** `paysaga trigger`: drives an order of the sandbox to an event, by the same calls that shop and payer make. */
export const triggerCommand = (env: CliEnvironment, configured: Configured): Command =>
  withApiOptions(configured(new Command('trigger')))
    .description('drive an order of the sandbox to an event that the shop is told')
    .argument('[type]', 'the event, see --list', wordOf(ORDER_EVENT_TYPES))
    .option('--list', 'the events there are, and how an order gets there')
    .option('--sandbox <url>', "the sandbox that is the merchant's gateway; default the embedded stack's")
    .addHelpText('after', EXAMPLE)
    .action((type: Type | undefined, options: Options) => {
      if (options.list !== true) return trigger(env, type, options);
      writeTable(env.stdout, ORDER_EVENT_TYPES, { event: (it) => it, order: (it) => SCENARIOS[it].what });
      return undefined;
    });

const page = z.object({ items: z.array(z.looseObject({ id: z.string(), createdAt: z.string(), status: z.string() })) });

async function trigger(env: CliEnvironment, type: Type | undefined, options: Options): Promise<void> {
  if (type === undefined) throw new CliFailure(EXIT.usage, 'name an event: paysaga trigger --list names them');
  const api = await openApi(env, options);
  const sandbox = await openSandbox(api, options.sandbox);
  const orderNo = newOrderNo();
  // Steps are progress: standard output has the event alone.
  const step = (text: string) => env.stderr.write(`${text}\n`);
  const sleep = env.sleep ?? realSleep;
  await SCENARIOS[type].run({ api, sandbox, orderNo, step, sleep });
  const event = await until({ sleep }, type, async () => {
    const { items } = parsed(page, await api.get('/v1/events', { orderNo, type }));
    return items[0];
  });
  if (options.json === true) writeJson(env, event);
  else
    writeFacts(env, `${type} ${event.id}`, [
      ['order', orderNo],
      ['written', time(event.createdAt)],
      ['delivery', event.status],
    ]);
}
