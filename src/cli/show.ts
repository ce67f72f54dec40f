import { Command } from 'commander';
import { openApi, parsed, type Api } from './api.js';
import { orderDetail, searchAnswer, timelineAnswer } from './answers.js';
import type { CliEnvironment, Configured } from './environment.js';
import { CliFailure, EXIT } from './exit.js';
import { withApiOptions, type ApiOptions } from './options.js';
import { orderPath } from './paths.js';
import { writeCard } from './show-card.js';
import { writeJson, writeTable } from './table.js';

const EXAMPLE = `
Examples:
  $ paysaga show A-1001
  $ paysaga show 4200002112202611220000000001
  $ paysaga show 'A-1001@return' --json
`;

/** `paysaga show`: everything about one order, found by any of its numbers. */
export function showCommand(env: CliEnvironment, configured: Configured): Command {
  return withApiOptions(configured(new Command('show')))
    .description('one order: what it waits for, what it holds, and everything that happened')
    .argument('<number>', 'of the order, of an attempt, of a refund, or a transaction of WeChat Pay')
    .addHelpText('after', EXAMPLE)
    .action((number: string, options: ApiOptions) => show(env, number, options));
}

async function show(env: CliEnvironment, number: string, options: ApiOptions): Promise<void> {
  const api = await openApi(env, options);
  const found = await find(env, api, number, options.mchid);
  const body = await api.get(orderPath(found.orderNo), { mchid: found.mchid });
  if (options.json === true) {
    writeJson(env, body);
    return;
  }
  const order = parsed(orderDetail, body);
  const { items } = parsed(
    timelineAnswer,
    await api.get(orderPath(order.orderNo, '/timeline'), { mchid: order.mchid }),
  );
  writeCard(env, order, items);
}

type Found = { readonly mchid: string; readonly orderNo: string };

/** The one order with this number; several, of several merchants or by several numbers, are listed and refused. */
async function find(env: CliEnvironment, api: Api, number: string, mchid: string | undefined): Promise<Found> {
  // All merchants of the key, unless one is named.
  const { items } = parsed(searchAnswer, await api.get('/v1/search', { number, mchid }));
  const [first, ...others] = new Map(items.map((item) => [`${item.mchid}/${item.orderNo}`, item])).values();
  if (first === undefined) {
    throw new CliFailure(EXIT.failed, 'no order, attempt, transaction or refund has that number');
  }
  if (others.length > 0) {
    const rows = [first, ...others].map(({ found, mchid, orderNo }) => [mchid, orderNo, found]);
    writeTable(env.stderr, ['mchid', 'order', 'found as'], rows);
    throw new CliFailure(EXIT.failed, 'several orders have that number: name one by its orderNo, and --mchid');
  }
  return first;
}
