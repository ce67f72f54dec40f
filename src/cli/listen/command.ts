import { Command, InvalidArgumentError } from 'commander';
import { MERCHANT_EVENT_TYPES, type MerchantEventType } from '../../shop-events/rules/event.js';
import { openApi } from '../kit/api.js';
import type { CliEnvironment, Configured, MakeCommand } from '../kit/command.js';
import { mchid, rowId, wordOf } from '../kit/options.js';
import { painted, plain, time } from '../kit/output.js';
import { followEvents, type ToldEvent } from './follow.js';
import { forward, type Forwarded, type Signer } from './forward.js';
import { signingSecret } from './secret.js';

export type Signing = {
  readonly signerOf: (secret: string) => Signer;
  /** `undefined` for what is no secret. */
  readonly parseSecret: (text: string) => string | undefined;
};

type Options = {
  readonly forward?: string;
  readonly types?: readonly MerchantEventType[];
  readonly since?: string;
  readonly secretFile?: string;
  readonly mchid?: string;
  readonly json?: true;
};

const EXAMPLE = `
Examples:
  $ paysaga listen
  $ paysaga listen --forward http://127.0.0.1:9000/paysaga --secret-file .paysaga/listen.secret
  $ paysaga listen --types order.paid,refund.succeeded --since start --json
`;

/** `paysaga listen`: what the shop is told, as it is written, and posted to where the shop is being developed. */
export const listenCommand =
  (signing: Signing): MakeCommand =>
  (env: CliEnvironment, configured: Configured) =>
    configured(new Command('listen'))
      .description('follow what the shop is told, and forward it to where the shop is being developed')
      .option('--forward <url>', 'post each event there too, signed as a delivery', target)
      .option('--types <types>', 'only these, separated by commas', typesOf)
      .option('--since <id>', 'go on after this event; start: from the first event on', since)
      .option('--secret-file <file>', 'what is forwarded is signed with its secret; made where it is not there')
      .option('--mchid <mchid>', 'the merchant, for a key with several', mchid)
      .option('--json', 'one line of JSON an event')
      .addHelpText('after', EXAMPLE)
      .action((options: Options) => listen(signing, env, options));

async function listen(signing: Signing, env: CliEnvironment, options: Options): Promise<void> {
  const { types, json } = options;
  const api = await openApi(env, options);
  const stop = env.untilInterrupted?.() ?? new AbortController().signal;
  const say = (text: string) => env.stderr.write(`${text}\n`);
  const send = await sender(signing, api, { ...options, stop, say });
  const onConnected = () => say(`Listening at ${api.url}. PaySaga's own deliveries stay as they are. Ctrl-C ends.`);
  const onOutage = (problem: string) => say(`${problem}; connecting again`);
  for await (const event of followEvents(api, { since: options.since, stop, onConnected, onOutage })) {
    if (types !== undefined && !types.some((type) => type === event.type)) continue;
    if (json !== true) env.stdout.write(`${lineOf(event)}\n`);
    const forwarded = await send?.(event);
    if (json === true) env.stdout.write(`${JSON.stringify({ ...event, forwarded })}\n`);
    else if (forwarded !== undefined) env.stdout.write(`  → ${answerOf(env, forwarded)}\n`);
  }
}

type Sending = Options & { readonly stop: AbortSignal; readonly say: (text: string) => void };

async function sender(signing: Signing, api: Parameters<typeof signingSecret>[0], options: Sending) {
  const { forward: url, secretFile, stop, say } = options;
  if (url === undefined) return undefined;
  const { secret, said } = await signingSecret(api, secretFile, signing.parseSecret);
  say(`Forwarding to ${url}. ${said}`);
  const sign = signing.signerOf(secret);
  // What stopped being true before the shop was told is never sent.
  return (event: ToldEvent): Promise<Forwarded | undefined> =>
    event.status === 'withdrawn' ? Promise.resolve(undefined) : forward({ url, sign, stop }, event);
}

const lineOf = ({ id, type, createdAt, orderNo, status }: ToldEvent): string =>
  [time(createdAt), type.padEnd(18), plain(orderNo ?? '-'), id, ...(status === 'withdrawn' ? [status] : [])].join('  ');

function answerOf(env: CliEnvironment, { status, ms, said }: Forwarded): string {
  if (status === null) return painted(env, 'red', `not taken: ${said ?? ''} (${ms} ms)`);
  const isTaken = status >= 200 && status < 300;
  return painted(env, isTaken ? 'green' : 'red', `${status} in ${ms} ms${said === null ? '' : `: ${said}`}`);
}

function target(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isFit = url !== undefined && /^https?:$/.test(url.protocol) && url.username + url.password === '';
  if (!isFit) throw new InvalidArgumentError('A URL like http://127.0.0.1:9000/paysaga, without credentials.');
  return url.href;
}

const typesOf = (text: string): readonly MerchantEventType[] =>
  text.split(',').map((part) => wordOf(MERCHANT_EVENT_TYPES)(part.trim()));

const since = (text: string): string => (text === 'start' ? text : rowId(text));
