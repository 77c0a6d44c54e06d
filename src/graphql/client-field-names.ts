import { DomainError } from '../core/errors.js';

/**
 * `lockSeat` and `lockSeats` share one command, so the domain may name a field differently from the client's input. This
 * replaces the field's name in a refusal by the client's.
 *
 * @param names the client's name of a field, by the domain's
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
