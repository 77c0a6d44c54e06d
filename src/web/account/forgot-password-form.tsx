import { useMutation } from '@apollo/client/react';
import { useEffect, useState } from 'react';
import { useForm } from 'react-hook-form';
import { apiErrorOf } from 'seat-map';
import { RequestPasswordResetDocument } from '../graphql/generated/graphql.js';
import { messageOf } from '../network/api-error-text.js';
import { Field } from '../ui/field.js';
import { Notice } from '../ui/notice.js';

/** Has a link mailed to set a new password. The server does not say whether there is an account. */
export function ForgotPasswordForm({ firstEmail, onBack }: { firstEmail: string; onBack: () => void }) {
  const [requestLink] = useMutation(RequestPasswordResetDocument);
  const [isSent, setSent] = useState(false);
  const [problem, setProblem] = useState<string>();
  const { register, handleSubmit, formState, setError, setFocus } = useForm({
    defaultValues: { email: firstEmail },
  });
  const { errors, isSubmitting } = formState;
  useEffect(() => setFocus('email'), [setFocus]);

  const submit = handleSubmit(async (variables) => {
    setSent(false);
    setProblem(undefined);
    try {
      await requestLink({ variables });
      setSent(true);
    } catch (error) {
      const refusal = apiErrorOf(error);
      if (refusal?.details.field === 'email')
        setError('email', { message: refusal.message }, { shouldFocus: true });
      else setProblem(messageOf(error));
    }
  });

  return (
    <form className="form" onSubmit={(event) => void submit(event)} noValidate>
      {problem !== undefined && (
        <Notice tone="warning" alert>
          {problem}
        </Notice>
      )}
      {isSent && (
        <Notice tone="good" alert>
          If there is an account with this address, a link is on its way. It works once, within 30 minutes.
        </Notice>
      )}
      <Field
        label="E-mail address"
        type="email"
        autoComplete="email"
        data-first-focus
        problem={errors.email?.message}
        {...register('email', { required: 'Enter your e-mail address.' })}
      />
      <button type="submit" className="button primary wide" aria-disabled={isSubmitting}>
        {isSubmitting ? 'One moment…' : isSent ? 'Send another link' : 'Send a link'}
      </button>
      <button type="button" className="button quiet wide" onClick={onBack}>
        Sign in instead
      </button>
    </form>
  );
}
