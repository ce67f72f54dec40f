import { Command } from 'commander';
import { openApi, orderPath } from './kit/api.js';
import type { CliEnvironment, Configured } from './kit/command.js';
import { orderNo, withApiOptions, withReason, type ApiOptions } from './kit/options.js';
import { writeOrderAnswer } from './order-line.js';

type CloseOptions = ApiOptions & { readonly reason: string };

const EXAMPLE = `
Example:
  $ paysaga close A-1001 --reason 'the customer changed their mind'
`;

/** `paysaga close`: nobody shall pay the order any more. A payment that arrives meanwhile wins. */
export function closeCommand(env: CliEnvironment, configured: Configured): Command {
  return withReason(withApiOptions(configured(new Command('close'))))
    .description('close an order that is not paid; WeChat Pay is asked before and after')
    .argument('<orderNo>', 'the order', orderNo)
    .addHelpText('after', EXAMPLE)
    .action((number: string, options: CloseOptions) => close(env, number, options));
}

async function close(env: CliEnvironment, number: string, { reason, ...options }: CloseOptions): Promise<void> {
  const api = await openApi(env, options);
  const { status, body } = await api.post(orderPath(number, '/close'), { reason });
  const said = status === 202 ? 'closing; WeChat Pay has not confirmed it yet' : 'closed';
  writeOrderAnswer(env, said, body, options.json);
}
