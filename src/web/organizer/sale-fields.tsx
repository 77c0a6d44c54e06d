import { useFormContext } from 'react-hook-form';
import { Field } from '../ui/field.js';
import { SalesWindowFields } from './event-fields.js';
import type { NewEventForm } from './new-event.js';

/** When and by which rules seats are sold. All of it may be left as it is. */
export function SaleFields() {
  const { register, formState } = useFormContext<NewEventForm>();
  const { errors } = formState;
  return (
    <fieldset className="form-group">
      <legend>Sale</legend>
      <SalesWindowFields
        start={{ ...register('salesStart'), problem: errors.salesStart?.message }}
        end={{ ...register('salesEnd'), problem: errors.salesEnd?.message }}
      />
      <div className="field-pair">
        <Field
          label="Seats per person, at most"
          inputMode="numeric"
          hint="Empty: as many as this server allows."
          problem={errors.seatsPerPerson?.message}
          {...register('seatsPerPerson')}
        />
      </div>
      <label className="check">
        <input type="checkbox" {...register('forbidsOrphans')} /> Nobody may leave a single free seat, unless
        there is no other choice
      </label>
    </fieldset>
  );
}
