import { useForm } from 'react-hook-form';
import { useRequestId } from 'seat-map/react';
import { addressProblem } from '../booking/address-problem.js';
import { Field } from '../ui/field.js';
import { seatsText } from './seat-selection.js';

/** Seats of one invitation. */
const SEATS_MAX = 100;

/** Books seats without payment for whoever has the address. */
export function InvitationForm({
  seats,
  onInvite,
}: {
  seats: readonly number[];
  onInvite: (contactEmail: string, requestId: string) => Promise<void>;
}) {
  const { register, handleSubmit, formState } = useForm({ defaultValues: { contactEmail: '' } });
  const { errors, isSubmitting } = formState;
  /** The same input sent twice makes one booking. */
  const requestIdOf = useRequestId();
  const submit = handleSubmit((input) => {
    const contactEmail = input.contactEmail.trim();
    return onInvite(contactEmail, requestIdOf([seats, contactEmail]));
  });
  return (
    <form className="form" onSubmit={(submitted) => void submit(submitted)} noValidate>
      <h3>Invite</h3>
      <Field
        label="E-mail address of the guest"
        type="email"
        hint="The tickets go there. Nothing is charged."
        problem={errors.contactEmail?.message}
        {...register('contactEmail', {
          validate: (address) =>
            seats.length > SEATS_MAX
              ? `At most ${SEATS_MAX} seats for one address.`
              : (addressProblem(address) ?? true),
        })}
      />
      <button type="submit" className="button" aria-disabled={isSubmitting}>
        {isSubmitting ? 'Booking…' : `Book ${seatsText(seats.length)} as an invitation`}
      </button>
    </form>
  );
}
