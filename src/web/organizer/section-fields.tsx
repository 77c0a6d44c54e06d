import { useFieldArray, useFormContext } from 'react-hook-form';
import { CloseIcon } from '../ui/close-icon.js';
import { Field } from '../ui/field.js';
import { type NewEventForm, priceAsRead, seatsOf } from './new-event.js';

const SECTIONS_MAX = 50;

/** Sections whose rows have one length. */
export function SectionFields() {
  const { register, control, formState, watch } = useFormContext<NewEventForm>();
  const { fields, append, remove } = useFieldArray({ control, name: 'sections' as never });
  const { sections, currency } = watch();
  const { errors } = formState;
  const seats = seatsOf(sections);
  return (
    <fieldset className="section-forms">
      <legend>Sections, from the stage back</legend>
      {fields.map((field, index) => {
        const problems = errors.sections?.[index];
        const section = sections[index];
        return (
          <div key={field.id} className="section-form">
            {(
              [
                ['name', 'Section', 'text'],
                ['rows', 'Rows', 'numeric'],
                ['seatsPerRow', 'Seats a row', 'numeric'],
                ['price', `Price, ${currency.toUpperCase()}`, 'decimal'],
              ] as const
            ).map(([part, name, inputMode]) => (
              <Field
                key={part}
                label={name}
                inputMode={inputMode}
                problem={problems?.[part]?.message}
                hint={section && part === 'price' ? priceAsRead(section, currency) : undefined}
                {...register(`sections.${index}.${part}`)}
              />
            ))}
            <button
              type="button"
              className="icon-button"
              aria-label={`Remove section ${index + 1}`}
              disabled={fields.length === 1}
              onClick={() => remove(index)}
            >
              <CloseIcon />
            </button>
          </div>
        );
      })}
      <p className="muted section-forms-note">
        If a section has no price, the buyers of its seats choose the amount.
      </p>
      <div className="section-forms-foot">
        <button
          type="button"
          className="button"
          disabled={fields.length >= SECTIONS_MAX}
          onClick={() => append({ name: '', rows: '', seatsPerRow: '', price: '' } as never)}
        >
          Add a section
        </button>
        <span className="muted" aria-live="polite">
          {Number.isNaN(seats) ? '' : `${seats.toLocaleString()} seats`}
        </span>
      </div>
    </fieldset>
  );
}
