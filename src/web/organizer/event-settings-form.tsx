import { useApolloClient } from '@apollo/client/react';
import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { apiErrorOf } from 'seat-map';
import { type EventSettingsFragment, UpdateEventDocument } from '../graphql/generated/graphql.js';
import { messageOf } from '../network/api-error-text.js';
import { Field } from '../ui/field.js';
import { Notice } from '../ui/notice.js';
import {
  changesOf,
  type EventSettingsValues,
  settingsField,
  settingsProblem,
  valuesOf,
} from './event-settings.js';

/** Name, venue, date and sales window. It sends what differs from the event that the organizer has seen. */
export function EventSettingsForm({ event, onDone }: { event: EventSettingsFragment; onDone: () => void }) {
  const client = useApolloClient();
  // What the organizer has seen, so that another organizer's change meanwhile is a conflict and not lost.
  const [seen] = useState(event);
  const [problem, setProblem] = useState<string>();
  const { register, handleSubmit, formState, setError } = useForm<EventSettingsValues>({
    defaultValues: valuesOf(seen),
  });
  const { errors, isSubmitting } = formState;

  const submit = handleSubmit(async (values) => {
    setProblem(undefined);
    const wrong = settingsProblem(values, seen.timeZone);
    if (wrong !== null) return setError(wrong.field, { message: wrong.message }, { shouldFocus: true });
    try {
      const input = { eventId: seen.id, ifRevision: seen.revision, ...changesOf(values, seen) };
      await client.mutate({ mutation: UpdateEventDocument, variables: { input } });
      onDone();
    } catch (error) {
      const field = settingsField(apiErrorOf(error)?.details.field);
      if (field === undefined) setProblem(messageOf(error));
      else setError(field, { message: messageOf(error) }, { shouldFocus: true });
    }
  });

  return (
    <form className="form" onSubmit={(submitted) => void submit(submitted)} noValidate>
      {problem !== undefined && (
        <Notice tone="warning" alert>
          {problem}
        </Notice>
      )}
      <Field label="Name" problem={errors.name?.message} {...register('name')} />
      <Field label="Venue" problem={errors.venue?.message} {...register('venue')} />
      <Field
        label="Date and time, at the venue"
        type="datetime-local"
        problem={errors.date?.message}
        {...register('date')}
      />
      <Field
        label="Sale starts, at the venue"
        type="datetime-local"
        hint="Empty: at once."
        problem={errors.salesStart?.message}
        {...register('salesStart')}
      />
      <Field
        label="Sale ends, at the venue"
        type="datetime-local"
        hint="Empty: when the event begins."
        problem={errors.salesEnd?.message}
        {...register('salesEnd')}
      />
      <div className="row end">
        <button type="button" className="button" onClick={onDone}>
          Leave it
        </button>
        <button type="submit" className="button primary" aria-disabled={isSubmitting}>
          {isSubmitting ? 'Saving…' : 'Save'}
        </button>
      </div>
    </form>
  );
}
