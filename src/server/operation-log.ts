import type { OperationDefinitionNode } from 'graphql';
import { type DocumentNode, type GraphQLSchema, OperationTypeNode } from 'graphql';
import { monotonicMs } from '../core/clock.js';
import type { ErrorCode } from '../core/errors.js';
import type { Log } from '../core/log.js';
import { rootFieldsOf } from './limits/root-fields.js';

/** Stands for the root fields of an operation that was refused before it was valid. */
export const UNKNOWN_OPERATION = 'unknown';
/** `__schema`, `__type` and `__typename`. */
export const INTROSPECTION = 'introspection';

/** The outcome of a root field. */
export type OperationCode = 'OK' | ErrorCode;

/** Counts root fields, for metrics. */
export interface OperationObserver {
  /** @param operation a root field of the schema, or one of the two names above; never a text from the client */
  ended(operation: string, code: OperationCode): void;
  took(operation: string, durationMs: number): void;
}

/** An error of an operation, reduced to what it is and which root field it is about. */
export interface OperationError {
  readonly code: OperationCode;
  /** The key of the root field in the answer; undefined if the error is about the whole operation. */
  readonly key: string | undefined;
}

export interface EndedOperation {
  readonly correlationId?: string;
  readonly startMs?: number;
  /** Both undefined if the operation was refused before it was valid. */
  readonly document?: DocumentNode | undefined;
  readonly operation?: OperationDefinitionNode | undefined;
  readonly errors: readonly OperationError[];
}

/** Records the outcome of every operation of both transports, in the metrics and in the log. */
export class OperationLog {
  readonly #log: Log;

  constructor(
    private readonly schema: GraphQLSchema,
    private readonly observer: OperationObserver,
    log: Log,
  ) {
    // These lines have no secrets. Searching them for secrets would cost as much as writing them.
    this.#log = log.child({}, { redact: [] });
  }

  /** Called when an operation is answered or refused, or a subscription has started. */
  ended({ correlationId, startMs, document, operation, errors }: EndedOperation): void {
    const commonCode = errors.find(({ key }) => key === undefined)?.code;
    const codes = new Map<string, OperationCode>();
    const count = (name: string, code: OperationCode) => {
      this.observer.ended(name, code);
      if (codes.get(name) === undefined || code !== 'OK') codes.set(name, code);
    };
    if (document === undefined || operation === undefined) count(UNKNOWN_OPERATION, commonCode ?? 'OK');
    else {
      const rootFields = this.schema.getRootType(operation.operation)?.getFields() ?? {};
      for (const { name, key } of rootFieldsOf(document, operation)) {
        const code = commonCode ?? errors.find((error) => error.key === key)?.code ?? 'OK';
        count(name in rootFields ? name : INTROSPECTION, code);
      }
    }
    if (startMs === undefined) return;
    const durationMs = monotonicMs() - startMs;
    for (const name of codes.keys()) this.observer.took(name, durationMs);
    const facts = {
      correlationId,
      operations: Object.fromEntries(codes),
      durationMs: Math.round(durationMs),
    };
    // Reads are frequent and change nothing.
    const isChange = operation?.operation === OperationTypeNode.MUTATION;
    this.#log[isChange ? 'info' : 'debug'](facts, 'Answered a call');
  }
}
