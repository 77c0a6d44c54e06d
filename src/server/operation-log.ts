import type { OperationDefinitionNode } from 'graphql';
import { type DocumentNode, type GraphQLSchema, OperationTypeNode } from 'graphql';
import { monotonicMs } from '../core/clock.js';
import type { ErrorCode } from '../core/errors.js';
import type { Log } from '../core/log.js';
import { rootFieldsOf } from './limits/root-fields.js';

/** What an operation is called that was refused before it was known to be one of the schema's. */
export const UNKNOWN_OPERATION = 'unknown';
/** `__schema`, `__type` and `__typename`. */
export const INTROSPECTION = 'introspection';

/** How a field of the schema's root ended. */
export type OperationCode = 'OK' | ErrorCode;

/** Told about every operation, each field of the schema's root by itself; for metrics. */
export interface OperationObserver {
  /** @param operation a field of the schema's root, or one of the two names above: never a text of the client's */
  ended(operation: string, code: OperationCode): void;
  took(operation: string, durationMs: number): void;
}

/** An error of an operation, as far as it tells where it belongs. */
export interface OperationError {
  readonly code: OperationCode;
  /** Under which name the field is answered that it is about; undefined where it is about all of them. */
  readonly key: string | undefined;
}

export interface EndedOperation {
  readonly correlationId?: string;
  readonly startMs?: number;
  /** Both undefined where the operation was refused before it was known to be valid. */
  readonly document?: DocumentNode | undefined;
  readonly operation?: OperationDefinitionNode | undefined;
  readonly errors: readonly OperationError[];
}

/** Keeps account of what became of every operation, over either transport: in the metrics, and as a line in the log. */
export class OperationLog {
  readonly #log: Log;

  constructor(
    private readonly schema: GraphQLSchema,
    private readonly observer: OperationObserver,
    log: Log,
  ) {
    // A line for each call: there is no secret in it to look for, which would cost as much as all the rest of it.
    this.#log = log.child({}, { redact: [] });
  }

  /** An operation has been answered; a subscription has begun, or was refused. */
  ended({ correlationId, startMs, document, operation, errors }: EndedOperation): void {
    const ofAll = errors.find(({ key }) => key === undefined)?.code;
    const codes = new Map<string, OperationCode>();
    const count = (name: string, code: OperationCode) => {
      this.observer.ended(name, code);
      if (codes.get(name) === undefined || code !== 'OK') codes.set(name, code);
    };
    if (document === undefined || operation === undefined) count(UNKNOWN_OPERATION, ofAll ?? 'OK');
    else {
      const fieldsOfRoot = this.schema.getRootType(operation.operation)?.getFields() ?? {};
      for (const { name, key } of rootFieldsOf(document, operation)) {
        const code = ofAll ?? errors.find((error) => error.key === key)?.code ?? 'OK';
        count(name in fieldsOfRoot ? name : INTROSPECTION, code);
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
    // Whoever looks changes nothing, and looks often.
    const isChange = operation?.operation === OperationTypeNode.MUTATION;
    this.#log[isChange ? 'info' : 'debug'](facts, 'Answered a call');
  }
}
