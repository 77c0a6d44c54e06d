import type { Logger } from 'pino';

/** What the product's parts need of a logger: one object of facts, then one sentence. */
export type Log = Pick<Logger, 'debug' | 'info' | 'warn' | 'error' | 'fatal'> & {
  child(facts: Record<string, unknown>, options?: { readonly redact: string[] }): Log;
};
