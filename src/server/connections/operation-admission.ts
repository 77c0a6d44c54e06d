import {
  type DocumentNode,
  type ExecutionArgs,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  type OperationDefinitionNode,
  type ValidationRule,
} from 'graphql';
import type { Viewer } from '../../account/user.js';
import { monotonicMs } from '../../core/clock.js';
import { DomainError } from '../../core/errors.js';
import { codeOf, graphqlErrorOf } from '../../graphql/errors.js';
import type { ContextOfCall } from '../context-of-call.js';
import { chargeOperation } from '../limits/operation-cost.js';
import { noSuchOperation, requireWellFormedVariables } from '../limits/operation-limits.js';
import { ParseScheduler } from '../limits/parse-scheduler.js';
import type { OperationError, OperationLog } from '../operation-log.js';
import { Documents } from './documents.js';

/** An operation as a client sends it. */
export interface OperationRequest {
  readonly query: string;
  readonly operationName?: string | null | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
}

/** Who sends it, over which connection. */
export interface Caller {
  readonly viewer: Viewer | null;
  readonly address: string;
  readonly correlationId: string;
  readonly isOpen: () => boolean;
  /** Called at once. @throws if too many operations are in progress */
  readonly requireRoom?: () => void;
  /** Called just before the operation is parsed. @throws if none may start any more */
  readonly requireReady: () => void;
  /** Called once the operation is known. @throws if this connection may not have it */
  readonly requireAllowed: (operation: OperationDefinitionNode) => void;
}

export interface AdmittedOperation {
  readonly startMs: number;
  readonly operation: OperationDefinitionNode;
  readonly args: ExecutionArgs;
}

export interface RefusedOperation {
  readonly errors: readonly GraphQLError[];
}

export interface OperationAdmissionOptions {
  readonly schema: GraphQLSchema;
  /** Besides the rules of GraphQL itself. */
  readonly rules: readonly ValidationRule[];
  readonly contextOfCall: ContextOfCall;
  readonly record: OperationLog;
}

/** Parses, validates and counts the operations of WebSockets and event streams before they start. */
export class OperationAdmission {
  readonly #documents: Documents;
  readonly #parseScheduler = new ParseScheduler();

  constructor(private readonly options: OperationAdmissionOptions) {
    this.#documents = new Documents(options.schema, options.rules);
  }

  /** Records the operation if it refuses it. */
  async admit(
    { query, operationName, variables }: OperationRequest,
    caller: Caller,
  ): Promise<AdmittedOperation | RefusedOperation> {
    const startMs = monotonicMs();
    const { viewer, address, correlationId } = caller;
    const { schema, record } = this.options;
    const known: { document?: DocumentNode; operation?: OperationDefinitionNode } = {};
    const refuse = (errors: readonly GraphQLError[]): RefusedOperation => {
      record.ended({ correlationId, startMs, ...known, errors: errors.map(operationErrorOf) });
      return { errors };
    };
    try {
      caller.requireRoom?.();
      const contextValue = await this.options.contextOfCall(viewer, address, correlationId);
      if (!this.#documents.has(query)) await this.#parseScheduler.slot(address);
      // The connection may have closed while its document waited to be parsed.
      if (!caller.isOpen()) return { errors: [new GraphQLError('The connection is closed.')] };
      caller.requireReady();
      // Parsing costs more than most answers. Of those that waited with the same document, only the first parses it.
      if (!this.#documents.has(query)) contextValue.limits.countAsCall();
      const { document, errors } = this.#documents.get(query);
      if (errors !== undefined) return refuse(errors);
      const operation = getOperationAST(document, operationName);
      if (!operation) throw noSuchOperation(operationName);
      Object.assign(known, { document, operation });
      caller.requireAllowed(operation);
      requireWellFormedVariables(variables);
      chargeOperation(contextValue.limits, schema, document, operation, variables);
      const variableValues = variables as ExecutionArgs['variableValues'];
      return { startMs, operation, args: { schema, document, contextValue, operationName, variableValues } };
    } catch (error) {
      return refuse([
        error instanceof DomainError
          ? graphqlErrorOf(error)
          : new GraphQLError('', { originalError: error as Error }),
      ]);
    }
  }

  /** Records an admitted operation: a query or mutation that was answered, or a subscription that has started. */
  started({ startMs, operation, args }: AdmittedOperation, errors: readonly GraphQLError[]): void {
    const { document, contextValue } = args;
    const { correlationId } = contextValue as { correlationId: string };
    this.options.record.ended({
      correlationId,
      startMs,
      document,
      operation,
      errors: errors.map(operationErrorOf),
    });
  }
}

const operationErrorOf = (error: GraphQLError): OperationError => ({
  code: codeOf(error),
  key: error.path?.[0] === undefined ? undefined : String(error.path[0]),
});
