import { useApolloClient } from '@apollo/client/react';
import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { isolated } from 'seat-map/map';
import { nameKey } from '../../core/text.js';
import { CancelEventDocument, type EventSettingsFragment } from '../graphql/generated/graphql.js';
import { messageOf } from '../network/api-error-text.js';
import { useRetryUntilAnswered } from '../network/use-retry-until-answered.js';
import { Field, TextArea } from '../ui/field.js';
import { Modal } from '../ui/modal.js';
import { Notice } from '../ui/notice.js';

/** Asks for the event's name before it cancels the event for ever. */
export function CancelEvent({
  event,
  onClose,
}: {
  event: Pick<EventSettingsFragment, 'id' | 'name'>;
  onClose: () => void;
}) {
  const client = useApolloClient();
  const untilAnswered = useRetryUntilAnswered();
  const [problem, setProblem] = useState<string>();
  const { register, handleSubmit, formState } = useForm({ defaultValues: { name: '', reason: '' } });
  const { errors, isSubmitting } = formState;
  const submit = handleSubmit(async ({ reason }) => {
    setProblem(undefined);
    const variables = { eventId: event.id, reason: reason.trim() === '' ? null : reason.trim() };
    try {
      // Repeating it changes nothing.
      await untilAnswered(() => client.mutate({ mutation: CancelEventDocument, variables }));
      onClose();
    } catch (error) {
      setProblem(messageOf(error));
    }
  });
  return (
    <Modal
      title="Cancel the event?"
      description="The sale ends for ever. Every booking is cancelled and paid back, and the buyers get a mail. There is no way back."
      onClose={onClose}
      canClose={!isSubmitting}
    >
      <form className="form" onSubmit={(submitted) => void submit(submitted)} noValidate>
        {problem !== undefined && (
          <Notice tone="warning" alert>
            {problem}
          </Notice>
        )}
        <TextArea
          label="Reason"
          rows={3}
          maxLength={500}
          hint="Everybody sees it. It may be empty."
          problem={errors.reason?.message}
          {...register('reason')}
        />
        <Field
          label={`To confirm, type the name of the event: ${isolated(event.name)}`}
          autoComplete="off"
          problem={errors.name?.message}
          {...register('name', {
            // Nobody can type what a name has of invisible characters.
            validate: (typed) =>
              nameKey(typed).trim() === nameKey(event.name) || 'This is not the name of the event.',
          })}
        />
        <div className="row end">
          <button type="button" className="button" onClick={onClose}>
            Keep the event
          </button>
          <button type="submit" className="button danger" aria-disabled={isSubmitting}>
            {isSubmitting ? 'Cancelling…' : 'Cancel the event'}
          </button>
        </div>
      </form>
    </Modal>
  );
}
