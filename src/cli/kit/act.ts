import { Command } from 'commander';
import { openApi } from './api.js';
import type { CliEnvironment, MakeCommand } from './command.js';
import { withApiOptions, withReason, type ReasonOptions } from './options.js';

/** An operator's POST, with a reason that is kept. */
export type Act = {
  readonly name: string;
  readonly description: string;
  /** The subject, then a choice where there is one. */
  readonly takes: readonly (readonly [shown: string, description: string, parse: (text: string) => string])[];
  readonly examples: string;
  readonly path: (subject: string) => string;
  readonly body?: (choice: string) => Readonly<Record<string, string>>;
  readonly said: (status: number, choice: string) => string;
  readonly write: WriteAnswer;
};

export type WriteAnswer = (env: CliEnvironment, said: string, body: unknown, json: true | undefined) => void;

export const actCommand =
  ({ name, description, takes, examples, path, body, said, write }: Act): MakeCommand =>
  (env, configured) => {
    const command = withReason(withApiOptions(configured(new Command(name))))
      .description(description)
      .addHelpText('after', examples);
    for (const argument of takes) command.argument(...argument);
    return command.action(async () => {
      const [subject = '', choice = ''] = command.args;
      const { reason, ...options } = command.opts<ReasonOptions>();
      const api = await openApi(env, options);
      const answer = await api.post(path(subject), { ...body?.(choice), reason });
      write(env, said(answer.status, choice), answer.body, options.json);
    });
  };
