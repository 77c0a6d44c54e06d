import { DomainError } from '../core/errors.js';

/**
 * Where an operation takes one of what its command takes many, the domain's name for the field is not the client's: a
 * refusal names the field as the client wrote it, whichever way it was refused.
 *
 * @param names the client's name for a field, by the domain's
 */
export async function withClientFieldNames<Answer>(
  names: Readonly<Record<string, string>>,
  work: () => Promise<Answer>,
): Promise<Answer> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    const field = names[String(error.details.field)];
    if (field === undefined) throw error;
    throw new DomainError(error.code, error.message, { ...error.details, field });
  }
}
