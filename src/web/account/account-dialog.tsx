import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { messageOf, refusalOf } from '../network/refusal.js';
import { Modal } from '../ui/modal.js';
import { Notice } from '../ui/notice.js';

export interface Credentials {
  readonly email: string;
  readonly password: string;
}

type Kind = 'sign up' | 'log in';

const PASSWORD_LENGTH_MIN = 8;
const WORDS = {
  'sign up': { title: 'Create an account', button: 'Create account', other: 'Log in instead' },
  'log in': { title: 'Log in', button: 'Log in', other: 'Create an account instead' },
} as const;

/** Signing up and logging in are one form: most people do not know which of the two they need. */
export function AccountDialog({
  reason,
  onSubmit,
  onClose,
}: {
  reason?: string | undefined;
  onSubmit: (kind: Kind, credentials: Credentials) => Promise<void>;
  onClose: () => void;
}) {
  const [kind, setKind] = useState<Kind>('sign up');
  const [fault, setFault] = useState<string>();
  const { register, handleSubmit, formState, setError } = useForm<Credentials>();
  const { errors, isSubmitting } = formState;

  const submit = handleSubmit(async (credentials) => {
    setFault(undefined);
    try {
      await onSubmit(kind, credentials);
    } catch (error) {
      const refusal = refusalOf(error);
      const field = refusal?.details.field;
      if (refusal?.code === 'EMAIL_TAKEN') {
        setKind('log in');
        setFault('There is an account with this address already. Log in with its password.');
      } else if (refusal && (field === 'email' || field === 'password')) {
        setError(field, { message: refusal.message }, { shouldFocus: true });
      } else {
        setFault(messageOf(error));
      }
    }
  });

  return (
    <Modal
      title={WORDS[kind].title}
      onClose={onClose}
      canClose={!isSubmitting}
      {...(reason !== undefined && { description: reason })}
    >
      <form className="form" onSubmit={(event) => void submit(event)} noValidate>
        {fault !== undefined && (
          <Notice tone="warning" alert>
            {fault}
          </Notice>
        )}
        <label className="field">
          <span>E-mail address</span>
          <input
            type="email"
            autoComplete="email"
            aria-invalid={errors.email !== undefined}
            aria-describedby={errors.email && 'email-fault'}
            {...register('email', { required: 'Enter your e-mail address.' })}
          />
          {errors.email && (
            <span id="email-fault" className="fault" role="alert">
              {errors.email.message}
            </span>
          )}
        </label>
        <label className="field">
          <span>Password</span>
          <input
            type="password"
            autoComplete={kind === 'sign up' ? 'new-password' : 'current-password'}
            aria-invalid={errors.password !== undefined}
            aria-describedby={errors.password ? 'password-fault' : 'password-hint'}
            {...register('password', {
              required: 'Enter a password.',
              ...(kind === 'sign up' && {
                minLength: {
                  value: PASSWORD_LENGTH_MIN,
                  message: `A password has at least ${PASSWORD_LENGTH_MIN} characters.`,
                },
              }),
            })}
          />
          {errors.password ? (
            <span id="password-fault" className="fault" role="alert">
              {errors.password.message}
            </span>
          ) : (
            <span id="password-hint" className="hint">
              {kind === 'sign up' ? `At least ${PASSWORD_LENGTH_MIN} characters` : ' '}
            </span>
          )}
        </label>
        <button type="submit" className="button primary wide" aria-disabled={isSubmitting}>
          {isSubmitting ? 'One moment…' : WORDS[kind].button}
        </button>
        <button
          type="button"
          className="button quiet wide"
          onClick={() => {
            setKind(kind === 'sign up' ? 'log in' : 'sign up');
            setFault(undefined);
          }}
        >
          {WORDS[kind].other}
        </button>
      </form>
    </Modal>
  );
}
