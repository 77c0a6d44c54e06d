import { useFormContext } from 'react-hook-form';
import type { NewEventForm } from './new-event.js';
import { SectionFields } from './section-fields.js';
import type { VenueFile } from './venue-file.js';
import { VenueFileFields } from './venue-file-fields.js';

const CHOICES = [
  ['sections', 'Sections with rows of one length'],
  ['file', 'Rows from a spreadsheet or a CSV file'],
] as const;

/** The seats of the event: typed as sections, or read from lines. */
export function SeatsChoice(file: {
  text: string;
  onText: (text: string) => void;
  venue: VenueFile | undefined;
}) {
  const { register, watch } = useFormContext<NewEventForm>();
  return (
    <>
      <fieldset className="form-group">
        <legend>Seats</legend>
        {CHOICES.map(([value, label]) => (
          <label key={value} className="check">
            <input type="radio" value={value} {...register('seatsFrom')} /> {label}
          </label>
        ))}
      </fieldset>
      {watch('seatsFrom') === 'file' ? <VenueFileFields {...file} /> : <SectionFields />}
    </>
  );
}
