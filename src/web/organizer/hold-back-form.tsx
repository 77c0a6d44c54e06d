import { useForm } from 'react-hook-form';
import { Field } from '../ui/field.js';
import { seatsText } from './seat-selection.js';
import { instantsOf } from './venue-time.js';

export interface HoldBackValues {
  readonly label: string;
  /** Null: for good. */
  readonly until: string | null;
  readonly skipTaken: boolean;
}

/** For whom seats are held back, and until when. */
export function HoldBackForm({
  timeZone,
  count,
  onHoldBack,
}: {
  timeZone: string;
  count: number;
  onHoldBack: (values: HoldBackValues) => Promise<void>;
}) {
  const { register, handleSubmit, formState } = useForm({
    defaultValues: { label: '', until: '', skipTaken: false },
  });
  const { errors, isSubmitting } = formState;
  const submit = handleSubmit(({ label, until, skipTaken }) => {
    const ms = instantsOf(until, timeZone).at(-1);
    return onHoldBack({
      label: label.trim(),
      until: ms === undefined ? null : new Date(ms).toISOString(),
      skipTaken,
    });
  });
  return (
    <form className="form" onSubmit={(submitted) => void submit(submitted)} noValidate>
      <h3>Hold back</h3>
      <Field
        label="For whom or why"
        maxLength={100}
        hint="You alone see it."
        problem={errors.label?.message}
        {...register('label', { validate: (label) => label.trim() !== '' || 'Say for whom or why.' })}
      />
      <Field
        label="Until, at the venue"
        type="datetime-local"
        hint="Then they are on sale again by themselves. Empty: until you release them."
        problem={errors.until?.message}
        {...register('until', {
          validate: (until) =>
            until === '' || instantsOf(until, timeZone).length > 0 || `There is no such time in ${timeZone}.`,
        })}
      />
      <label className="check">
        <input type="checkbox" {...register('skipTaken')} /> Leave out seats that somebody has
      </label>
      <button type="submit" className="button primary" aria-disabled={isSubmitting}>
        {isSubmitting ? 'Holding back…' : `Hold back ${seatsText(count)}`}
      </button>
    </form>
  );
}
