import { Command } from 'commander';
import { RESOLVE_ACTIONS } from '../orders/rules/states.js';
import { openApi, orderPath } from './kit/api.js';
import type { CliEnvironment, Configured } from './kit/command.js';
import { orderNo, withApiOptions, withReason, wordOf, type ApiOptions } from './kit/options.js';
import { writeOrderAnswer } from './order-line.js';

type ResolveOptions = ApiOptions & { readonly reason: string };

const EXAMPLE = `
accept takes the money that WeChat Pay confirms now, whatever its amount; return gives it back; close ends an order
that holds no money.

Example:
  $ paysaga resolve A-1001 return --reason 'paid twice, agreed with the customer'
`;

/** `paysaga resolve`: what only a person may decide about an order. */
export function resolveCommand(env: CliEnvironment, configured: Configured): Command {
  return withReason(withApiOptions(configured(new Command('resolve'))))
    .description('decide about an order in review, or one that is stuck on money')
    .argument('<orderNo>', 'the order', orderNo)
    .argument('<action>', RESOLVE_ACTIONS.join(', '), wordOf(RESOLVE_ACTIONS))
    .addHelpText('after', EXAMPLE)
    .action((number: string, action: string, options: ResolveOptions) => resolve(env, number, action, options));
}

async function resolve(
  env: CliEnvironment,
  number: string,
  action: string,
  { reason, ...options }: ResolveOptions,
): Promise<void> {
  const api = await openApi(env, options);
  const { body } = await api.post(orderPath(number, '/resolve'), { action, reason });
  writeOrderAnswer(env, `resolved (${action})`, body, options.json);
}
