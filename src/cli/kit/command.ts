import type { Command } from 'commander';
import type { Language } from '../../base/language.js';
import type { TemporalConfig } from '../../temporal/connection.js';

/** `columns`: how wide it is, where it is a terminal. */
export type Output = { write(text: string): unknown; readonly columns?: number };

/** Absent settings are those of the embedded stack's `dev.json`. */
export type CliEnvironment = {
  readonly config: {
    readonly databaseUrl?: string | undefined;
    readonly home: string;
    readonly merchantsFile?: string | undefined;
    readonly apiUrl?: string | undefined;
    readonly operatorKey?: string | undefined;
    /** Of one call; the ingress answers within 8 s. */
    readonly timeoutMs?: number;
    /** Of an order's explanation; default English. */
    readonly language?: Language;
    readonly temporal?: TemporalConfig | undefined;
    readonly embeddedNamespace?: string;
  };
  readonly stdout: Output;
  readonly stderr: Output;
  readonly now: () => Date;
  readonly version?: string;
  readonly colour?: boolean;
  /** Standard error, where it is a terminal. */
  readonly terminal?: NodeJS.WritableStream;
  readonly confirm?: (question: string) => Promise<boolean>;
  readonly sleep?: (ms: number) => Promise<void>;
  /** Aborts at Ctrl-C, which from then on does not end the process by itself. */
  readonly untilInterrupted?: () => AbortSignal;
};

export type Configured = (command: Command) => Command;

export type MakeCommand = (env: CliEnvironment, configured: Configured) => Command;

export const EXIT = { done: 0, failed: 1, usage: 2, unreachable: 3 } as const;
type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export class CliFailure extends Error {
  override readonly name = 'CliFailure';
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, message: string) {
    super(message);
    this.exitCode = exitCode;
  }
}
