import { useApolloClient } from '@apollo/client/react';
import { nanoid } from 'nanoid';
import { useEffect, useRef, useState } from 'react';
import { useFieldArray, useForm } from 'react-hook-form';
import { Link, useLocation } from 'wouter';
import { useAccount } from '../account/viewer.js';
import { CreateEventDocument, EventsDocument } from '../graphql/generated/graphql.js';
import { apiErrorOf, isSessionEnded } from '../network/api-error.js';
import { messageOf } from '../network/api-error-text.js';
import { useRetryUntilAnswered } from '../network/use-retry-until-answered.js';
import { useServices } from '../services.js';
import { isCurrency } from '../text/money.js';
import { formatDate, zoneOfBrowser } from '../text/time.js';
import { CloseIcon } from '../ui/close-icon.js';
import { Field } from '../ui/field.js';
import { Notice } from '../ui/notice.js';
import { useTitle } from '../ui/use-title.js';
import './organizer.css';
import {
  createEventInput,
  dateProblem,
  formField,
  type NewEventForm,
  priceAsRead,
  SEATS_MAX,
  seatsOf,
  sectionProblem,
} from './new-event.js';
import { instantsOf, isTimeZone, localTimeOf, zoneName } from './venue-time.js';

const SECTIONS_MAX = 50;
const TWO_WEEKS_MS = 14 * 86_400_000;

/** Suggestions; any zone can be typed. */
const TIME_ZONES = Intl.supportedValuesOf?.('timeZone') ?? [];

/** The form for a new event: its date, and its sections with rows and prices. */
export function CreateEventPage() {
  useTitle('Create an event');
  const client = useApolloClient();
  const untilAnswered = useRetryUntilAnswered();
  const { clock } = useServices();
  const { viewer, signIn, signInAgain } = useAccount();
  const [, goTo] = useLocation();
  const [problem, setProblem] = useState<string>();
  const [isUnderWay, setCreating] = useState(false);
  const { register, control, handleSubmit, formState, watch, setError } = useForm<NewEventForm>({
    defaultValues: {
      name: '',
      date: `${localTimeOf(clock.nowMs() + TWO_WEEKS_MS, zoneOfBrowser()).slice(0, 11)}19:30`,
      timeZone: zoneOfBrowser(),
      whichOfTwo: '',
      currency: 'USD',
      sections: [{ name: 'Stalls', rows: '10', seatsPerRow: '20', price: '45' }],
    },
  });
  const { fields, append, remove } = useFieldArray({ control, name: 'sections' as never });
  const { errors } = formState;
  const { sections, currency, date, timeZone } = watch();
  const instants = isTimeZone(timeZone) ? instantsOf(date, timeZone) : [];
  const seats = seatsOf(sections);

  /** The same form sent twice creates one event. A changed form is another event. */
  const request = useRef({ id: '', form: '' });
  const isCreating = useRef(false);
  /** False once the user has left the page, who is then not redirected. */
  const isHere = useRef(true);
  useEffect(() => {
    isHere.current = true;
    return () => {
      isHere.current = false;
    };
  }, []);
  const create = async (form: NewEventForm) => {
    if (isCreating.current) return;
    isCreating.current = true;
    setCreating(true);
    const text = JSON.stringify(form);
    if (request.current.form !== text) request.current = { id: nanoid(), form: text };
    const input = { ...createEventInput(form), requestId: request.current.id };
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
      if (isSessionEnded(error)) signInAgain('Your session is over. Sign in again.', () => void create(form));
      else {
        const at = formField(apiErrorOf(error)?.details.field);
        if (at === undefined) setProblem(messageOf(error));
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
        <Field label="Currency" maxLength={3} problem={errors.currency?.message} {...register('currency')} />
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
        <button type="submit" className="button primary" aria-disabled={isUnderWay}>
          {isUnderWay ? 'Creating…' : 'Create the event'}
        </button>
      </form>
    </div>
  );
}
