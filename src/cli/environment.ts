import type { Command } from 'commander';
import type { Language } from '../base/language.js';
import type { TemporalConfig } from '../temporal/connection.js';
import type { Replay } from './replay/run.js';

export type Output = { write(text: string): unknown };

/** What a command needs of the world around it. What is not there is found in the embedded stack's `dev.json`, or done without. */
export type CliEnvironment = {
  readonly config: {
    readonly databaseUrl?: string;
    /** The folder of an embedded stack, which `dev.json` is in. */
    readonly home: string;
    readonly apiUrl?: string;
    readonly operatorKey?: string;
    /** Of one call; the ingress itself answers within 8 s, or says that it is not over yet. */
    readonly timeoutMs?: number;
    /** Of the card that says what an order waits for; default English. */
    readonly language?: Language;
    readonly temporal?: TemporalConfig;
  };
  readonly stdout: Output;
  readonly stderr: Output;
  readonly now: () => Date;
  /** Standard output is a terminal that wants colours. */
  readonly colour?: boolean;
  /** Standard error, where it is a terminal. */
  readonly terminal?: NodeJS.WritableStream;
  /** Asks the person at the terminal; absent where there is none. */
  readonly confirm?: (question: string) => Promise<boolean>;
  /** Between two looks at something that goes on elsewhere. */
  readonly sleep?: (ms: number) => Promise<void>;
  /** This build's workflows, to replay histories against. */
  readonly replay?: Replay;
};

/** Gives a new command the program's own ways to print and to fail. */
export type Configured = (command: Command) => Command;

/** Makes a command of `paysaga`. */
export type MakeCommand = (env: CliEnvironment, configured: Configured) => Command;
