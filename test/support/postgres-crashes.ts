/** What a Postgres log says of a server process that died, or of all that were ended because one did. */
export const crashesIn = (log: string): string[] => log.split('\n').filter((line) => CRASH.test(line));

const CRASH =
  /PANIC:|was terminated by signal|terminating any other active server process|all server processes terminated|database system was interrupted/;
