import { useApolloClient } from '@apollo/client/react';
import { useDeferredValue, useEffect, useMemo, useRef, useState } from 'react';
import { FormProvider, useForm } from 'react-hook-form';
import { apiErrorOf, isSessionEnded } from 'seat-map';
import { isCurrency } from 'seat-map/map';
import { useRequestId } from 'seat-map/react';
import { Link, useLocation } from 'wouter';
import { useAccount } from '../account/viewer.js';
import {
  CreateEventDocument,
  type CreateEventInput,
  EventsDocument,
  type SectionInput,
} from '../graphql/generated/graphql.js';
import { messageOf } from '../network/api-error-text.js';
import { useRetryUntilAnswered } from '../network/use-retry-until-answered.js';
import { useServices } from '../services.js';
import { formatDate, zoneOfBrowser } from '../text/time.js';
import { Field } from '../ui/field.js';
import { Notice } from '../ui/notice.js';
import { useTitle } from '../ui/use-title.js';
import './organizer.css';
import { AboutFields } from './event-fields.js';
import {
  createEventInput,
  dateProblem,
  formField,
  type NewEventForm,
  SEATS_MAX,
  saleProblem,
  seatsOf,
  sectionProblem,
} from './new-event.js';
import { SaleFields } from './sale-fields.js';
import { SeatsChoice } from './seats-choice.js';
import { readVenueFile, sectionInputs } from './venue-file.js';
import { instantsOf, isTimeZone, localTimeOf, zoneName } from './venue-time.js';

const TWO_WEEKS_MS = 14 * 86_400_000;

/** Suggestions; any zone can be typed. */
const TIME_ZONES = Intl.supportedValuesOf?.('timeZone') ?? [];

/** The form for a new event: its date, its seats with prices, and the rules of its sale. */
export function CreateEventPage() {
  useTitle('Create an event');
  const client = useApolloClient();
  const untilAnswered = useRetryUntilAnswered();
  const { clock } = useServices().seats;
  const { viewer, signIn, signInAgain } = useAccount();
  const [, goTo] = useLocation();
  const [problem, setProblem] = useState<string>();
  const [isUnderWay, setCreating] = useState(false);
  const methods = useForm<NewEventForm>({
    defaultValues: {
      name: '',
      date: `${localTimeOf(clock.nowMs() + TWO_WEEKS_MS, zoneOfBrowser()).slice(0, 11)}19:30`,
      timeZone: zoneOfBrowser(),
      whichOfTwo: '',
      venue: '',
      description: '',
      imageUrl: '',
      currency: 'USD',
      seatsFrom: 'sections',
      sections: [{ name: 'Stalls', rows: '10', seatsPerRow: '20', price: '45' }],
      salesStart: '',
      salesEnd: '',
      seatsPerPerson: '',
      forbidsOrphans: false,
      isDraft: false,
    },
  });
  const { register, handleSubmit, formState, watch, setError } = methods;
  const { errors } = formState;
  const { currency, date, timeZone } = watch();
  const instants = isTimeZone(timeZone) ? instantsOf(date, timeZone) : [];
  const [venueText, setVenueText] = useState('');
  // Reading a large file takes longer than a key press.
  const textToRead = useDeferredValue(venueText);
  const venue = useMemo(
    () =>
      textToRead.trim() === '' || !isCurrency(currency)
        ? undefined
        : readVenueFile(textToRead, currency.toUpperCase()),
    [textToRead, currency],
  );

  /** The same input sent twice creates one event. Changed input is another event. */
  const requestIdOf = useRequestId();
  const isCreating = useRef(false);
  /** False once the user has left the page, who is then not redirected. */
  const isHere = useRef(true);
  useEffect(() => {
    isHere.current = true;
    return () => {
      isHere.current = false;
    };
  }, []);
  const create = async (described: CreateEventInput, seatsFrom: NewEventForm['seatsFrom']) => {
    if (isCreating.current) return;
    isCreating.current = true;
    setCreating(true);
    const input = { ...described, requestId: requestIdOf(described) };
    try {
      const { data } = await untilAnswered(() =>
        client.mutate({
          mutation: CreateEventDocument,
          variables: { input },
          refetchQueries: [EventsDocument],
        }),
      );
      if (isHere.current) goTo(`/events/${data?.createEvent.id}/sales`);
    } catch (error) {
      if (isSessionEnded(error))
        signInAgain('Your session is over. Sign in again.', () => void create(described, seatsFrom));
      else {
        const at = formField(apiErrorOf(error)?.details.field);
        const isShown = at !== undefined && (seatsFrom === 'sections' || !at.startsWith('sections.'));
        if (!isShown) setProblem(messageOf(error));
        else setError(at, { message: messageOf(error) }, { shouldFocus: true });
      }
    } finally {
      isCreating.current = false;
      setCreating(false);
    }
  };

  const submit = handleSubmit((form) => {
    setProblem(undefined);
    if (!isCurrency(form.currency))
      return setError(
        'currency',
        {
          message:
            form.currency === ''
              ? 'Name a currency, such as USD or EUR.'
              : `${form.currency.toUpperCase()} is not a currency in use today. Name one such as USD or EUR.`,
        },
        { shouldFocus: true },
      );
    const sale = saleProblem(form);
    if (sale) return setError(sale.field, { message: sale.message }, { shouldFocus: true });
    let fromFile: SectionInput[] | undefined;
    if (form.seatsFrom === 'file') {
      // What is shown may still be of an earlier text.
      const read = textToRead === venueText ? venue : readVenueFile(venueText, currency.toUpperCase());
      if (read === undefined) return setProblem('Paste the rows, or choose a file.');
      if ('faults' in read) return setProblem('The rows have faults, which are named below them.');
      fromFile = sectionInputs(read.sections);
    } else {
      for (const [index, section] of form.sections.entries()) {
        const found = sectionProblem(section, form.currency);
        if (found) {
          return setError(
            `sections.${index}.${found.field}`,
            { message: found.message },
            { shouldFocus: true },
          );
        }
      }
      if (seatsOf(form.sections) > SEATS_MAX) {
        return setProblem(`An event has at most ${SEATS_MAX.toLocaleString()} seats.`);
      }
    }
    const described = createEventInput(form, fromFile);
    if (viewer) return create(described, form.seatsFrom);
    signIn(
      'An organizer needs an account; what you have typed stays.',
      () => void create(described, form.seatsFrom),
    );
  });

  return (
    <div className="page narrow">
      <p className="crumb">
        <Link href="/">Events</Link>
      </p>
      <h1>Create an event</h1>
      <FormProvider {...methods}>
        <form className="form" onSubmit={(event) => void submit(event)} noValidate>
          {problem !== undefined && (
            <Notice tone="warning" alert>
              {problem}
            </Notice>
          )}
          <Field
            label="Name"
            problem={errors.name?.message}
            {...register('name', { validate: (name) => name.trim() !== '' || 'Name the event.' })}
          />
          <div className="field-pair">
            <Field
              label="Date and time, at the venue"
              type="datetime-local"
              problem={errors.date?.message}
              {...register('date', {
                validate: (_, form) =>
                  !isTimeZone(form.timeZone) ||
                  (dateProblem(form, clock.hasReceived ? clock.nowMs() : undefined) ?? true),
              })}
            />
            <Field
              label="Time zone of the venue"
              list="time-zones"
              problem={errors.timeZone?.message}
              {...register('timeZone', {
                setValueAs: (zone: string) => zoneName(zone.trim()),
                validate: (zone) => isTimeZone(zone) || 'A zone such as Europe/Vienna or America/New_York.',
                deps: ['date'],
              })}
            />
            <datalist id="time-zones">
              {TIME_ZONES.map((zone) => (
                <option key={zone} value={zone} />
              ))}
            </datalist>
          </div>
          {instants.length > 1 && (
            <fieldset className="which-of-two">
              <legend>Clocks show this time twice that night. Which one is it?</legend>
              {(['first', 'second'] as const).map((which, index) => (
                <label key={which}>
                  <input
                    type="radio"
                    value={which}
                    {...register('whichOfTwo', {
                      validate: (chosen) =>
                        chosen === 'first' || chosen === 'second' || 'Choose one of the two.',
                    })}
                  />{' '}
                  {formatDate(new Date(instants[index] ?? 0).toISOString(), timeZone)}
                </label>
              ))}
              {errors.whichOfTwo && (
                <span className="fault" role="alert">
                  {errors.whichOfTwo.message}
                </span>
              )}
            </fieldset>
          )}
          <AboutFields
            venue={{ ...register('venue'), problem: errors.venue?.message }}
            description={{ ...register('description'), problem: errors.description?.message }}
            imageUrl={{ ...register('imageUrl'), problem: errors.imageUrl?.message }}
          />
          <Field
            label="Currency"
            maxLength={3}
            problem={errors.currency?.message}
            {...register('currency')}
          />
          <SeatsChoice venue={venue} onText={setVenueText} text={venueText} />
          <SaleFields />
          <label className="check">
            <input type="checkbox" {...register('isDraft')} /> Keep it as a draft: you alone see it until you
            publish it
          </label>
          <button type="submit" className="button primary" aria-disabled={isUnderWay}>
            {isUnderWay ? 'Creating…' : 'Create the event'}
          </button>
        </form>
      </FormProvider>
    </div>
  );
}
