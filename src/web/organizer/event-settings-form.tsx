import { useApolloClient } from '@apollo/client/react';
import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { apiErrorOf } from 'seat-map';
import { type EventSummaryFragment, UpdateEventDocument } from '../graphql/generated/graphql.js';
import { messageOf } from '../network/api-error-text.js';
import { Field } from '../ui/field.js';
import { Notice } from '../ui/notice.js';
import { AboutFields, SalesWindowFields } from './event-fields.js';
import {
  changesOf,
  currencyOf,
  type EventSettingsValues,
  priceHint,
  settingsField,
  settingsProblem,
  valuesOf,
} from './event-settings.js';

/** All that an organizer may change of an event. It sends what differs from the event that the organizer has seen. */
export function EventSettingsForm({ event, onDone }: { event: EventSummaryFragment; onDone: () => void }) {
  const client = useApolloClient();
  // What the organizer has seen, so that another organizer's change meanwhile is a conflict and not lost.
  const [seen] = useState(event);
  const [problem, setProblem] = useState<string>();
  const { register, handleSubmit, formState, setError, watch } = useForm<EventSettingsValues>({
    defaultValues: valuesOf(seen),
  });
  const { errors, isSubmitting } = formState;
  const { currency, prices } = watch();

  const submit = handleSubmit(async (values) => {
    setProblem(undefined);
    const wrong = settingsProblem(values, seen);
    if (wrong !== null) return setError(wrong.field, { message: wrong.message }, { shouldFocus: true });
    const changes = changesOf(values, seen);
    try {
      const input = { eventId: seen.id, ifRevision: seen.revision, ...changes };
      await client.mutate({ mutation: UpdateEventDocument, variables: { input } });
      onDone();
    } catch (error) {
      const field = settingsField(apiErrorOf(error)?.details.field, changes, seen);
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
      <AboutFields
        venue={{ ...register('venue'), problem: errors.venue?.message }}
        description={{ ...register('description'), problem: errors.description?.message }}
        imageUrl={{ ...register('imageUrl'), problem: errors.imageUrl?.message }}
      />
      <Field
        label="Date and time, at the venue"
        type="datetime-local"
        problem={errors.date?.message}
        {...register('date')}
      />
      <Field
        label="Bookings can be given back until, at the venue"
        type="datetime-local"
        hint="After a new date, give people time. Empty: until the event begins."
        problem={errors.refundUntil?.message}
        {...register('refundUntil')}
      />
      <SalesWindowFields
        start={{ ...register('salesStart'), problem: errors.salesStart?.message }}
        end={{ ...register('salesEnd'), problem: errors.salesEnd?.message }}
      />
      <fieldset className="form-group">
        <legend>Prices, for seats that nobody holds yet</legend>
        {currencyOf(seen) === undefined && (
          <Field
            label="Currency"
            maxLength={3}
            problem={errors.currency?.message}
            {...register('currency')}
          />
        )}
        <div className="price-fields">
          {seen.sections.map(({ id, name }, index) => (
            <Field
              key={id}
              label={`${name}, ${currency.toUpperCase()}`}
              inputMode="decimal"
              hint={priceHint(prices[index] ?? '', currency)}
              problem={errors.prices?.[index]?.message}
              {...register(`prices.${index}`)}
            />
          ))}
        </div>
      </fieldset>
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
