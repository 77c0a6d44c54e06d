import type { Logger } from 'pino';

/** The part of pino's logger that is used: one object of facts, then one sentence. */
export type Log = Pick<Logger, 'debug' | 'info' | 'warn' | 'error' | 'fatal'> & {
  child(facts: Record<string, unknown>, options?: { readonly redact: string[] }): Log;
};
