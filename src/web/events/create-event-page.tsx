import { useApolloClient } from '@apollo/client/react';
import { useState } from 'react';
import { useFieldArray, useForm } from 'react-hook-form';
import { Link, useLocation } from 'wouter';
import { useAccount } from '../account/viewer.js';
import { CreateEventDocument, EventsDocument } from '../graphql/generated/graphql.js';
import { messageOf, refusalOf } from '../network/refusal.js';
import { useServices } from '../services.js';
import { isCurrency } from '../text/money.js';
import { localInputValue } from '../text/time.js';
import { Notice } from '../ui/notice.js';
import { useTitle } from '../ui/use-title.js';
import { createEventInput, type NewEventForm, SEATS_MAX, seatsOf, sectionFault } from './new-event.js';

const SECTIONS_MAX = 50;
const TWO_WEEKS_MS = 14 * 86_400_000;

/** An organizer's new event: its date, and its sections with rows and prices. */
export function CreateEventPage() {
  useTitle('Create an event');
  const client = useApolloClient();
  const { clock } = useServices();
  const { viewer, signIn } = useAccount();
  const [, goTo] = useLocation();
  const [fault, setFault] = useState<string>();
  const { register, control, handleSubmit, formState, watch, setError } = useForm<NewEventForm>({
    defaultValues: {
      name: '',
      date: `${localInputValue(clock.nowMs() + TWO_WEEKS_MS).slice(0, 11)}19:30`,
      currency: 'USD',
      sections: [{ name: 'Stalls', rows: '10', seatsPerRow: '20', price: '45' }],
    },
  });
  const { fields, append, remove } = useFieldArray({ control, name: 'sections' as never });
  const { errors, isSubmitting } = formState;
  const { sections, currency } = watch();
  const seats = seatsOf(sections);

  const create = async (form: NewEventForm) => {
    try {
      const { data } = await client.mutate({
        mutation: CreateEventDocument,
        variables: { input: createEventInput(form) },
        refetchQueries: [EventsDocument],
      });
      goTo(`/events/${data?.createEvent.id}/sales`);
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal?.code === 'UNAUTHENTICATED')
        signIn('Your session is over. Sign in again.', () => void create(form));
      else if (refusal === null) {
        // The call has no requestId: sent again, it could make a second event.
        setFault('No answer from the server. Look at the list of events before you try again.');
      } else setFault(refusal.message || messageOf(error));
    }
  };

  const submit = handleSubmit((form) => {
    setFault(undefined);
    if (!isCurrency(form.currency))
      return setError('currency', { message: 'Such as USD or EUR.' }, { shouldFocus: true });
    for (const [index, section] of form.sections.entries()) {
      const found = sectionFault(section, form.currency);
      if (found) {
        return setError(
          `sections.${index}.${found.field}`,
          { message: found.message },
          { shouldFocus: true },
        );
      }
    }
    if (seatsOf(form.sections) > SEATS_MAX) {
      return setFault(`An event has at most ${SEATS_MAX.toLocaleString()} seats.`);
    }
    if (viewer) return create(form);
    signIn('An organizer needs an account; what you have typed stays.', () => void create(form));
  });

  return (
    <div className="page narrow">
      <p className="crumb">
        <Link href="/">Events</Link>
      </p>
      <h1>Create an event</h1>
      <form className="form" onSubmit={(event) => void submit(event)} noValidate>
        {fault !== undefined && (
          <Notice tone="warning" alert>
            {fault}
          </Notice>
        )}
        <label className="field">
          <span>Name</span>
          <input
            aria-invalid={errors.name !== undefined}
            maxLength={200}
            {...register('name', { validate: (name) => name.trim() !== '' || 'Name the event.' })}
          />
          <Fault message={errors.name?.message} />
        </label>
        <div className="field-pair">
          <label className="field">
            <span>Date and time, in your zone</span>
            <input
              type="datetime-local"
              aria-invalid={errors.date !== undefined}
              {...register('date', {
                validate: (date) => Date.parse(date) > clock.nowMs() || 'A date that is still to come.',
              })}
            />
            <Fault message={errors.date?.message} />
          </label>
          <label className="field">
            <span>Currency</span>
            <input maxLength={3} aria-invalid={errors.currency !== undefined} {...register('currency')} />
            <Fault message={errors.currency?.message} />
          </label>
        </div>
        <fieldset className="section-forms">
          <legend>Sections, from the stage back</legend>
          {fields.map((field, index) => {
            const faults = errors.sections?.[index];
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
                  <label key={part} className="field">
                    <span>{name}</span>
                    <input
                      inputMode={inputMode}
                      aria-invalid={faults?.[part] !== undefined}
                      {...register(`sections.${index}.${part}`)}
                    />
                    <Fault message={faults?.[part]?.message} />
                  </label>
                ))}
                <button
                  type="button"
                  className="icon-button"
                  aria-label={`Remove section ${index + 1}`}
                  disabled={fields.length === 1}
                  onClick={() => remove(index)}
                >
                  <svg viewBox="0 0 16 16" aria-hidden="true">
                    <path d="M4 4l8 8M12 4l-8 8" />
                  </svg>
                </button>
              </div>
            );
          })}
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
        <button type="submit" className="button primary" aria-disabled={isSubmitting}>
          {isSubmitting ? 'Creating…' : 'Create the event'}
        </button>
      </form>
    </div>
  );
}

function Fault({ message }: { message: string | undefined }) {
  return message === undefined ? null : (
    <span className="fault" role="alert">
      {message}
    </span>
  );
}
