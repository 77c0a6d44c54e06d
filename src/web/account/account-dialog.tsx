import { useEffect, useState } from 'react';
import { useForm } from 'react-hook-form';
import { apiErrorOf } from 'seat-map';
import { messageOf } from '../network/api-error-text.js';
import { Field } from '../ui/field.js';
import { Modal } from '../ui/modal.js';
import { Notice } from '../ui/notice.js';
import { ForgotPasswordForm } from './forgot-password-form.js';
import { PasswordField } from './password-field.js';

export interface Credentials {
  readonly email: string;
  readonly password: string;
}

type Kind = 'sign up' | 'log in';
export type AccountForm = Kind | 'forgot password';

const PASSWORD_LENGTH_MIN = 8;
/** For the fields in which a new password is chosen. */
export const PASSWORD_RULES = {
  hint: `At least ${PASSWORD_LENGTH_MIN} characters`,
  ofNew: {
    required: 'Enter a password.',
    minLength: {
      value: PASSWORD_LENGTH_MIN,
      message: `A password has at least ${PASSWORD_LENGTH_MIN} characters.`,
    },
  },
} as const;
const TEXTS = {
  'sign up': { title: 'Create an account', button: 'Create account', other: 'Sign in instead' },
  'log in': { title: 'Sign in', button: 'Sign in', other: 'Create an account instead' },
} as const;

/** One dialog to sign up and sign in, because many people do not know which of the two they need; and for a forgotten password. */
export function AccountDialog({
  reason,
  firstForm = 'sign up',
  onSubmit,
  onClose,
}: {
  reason?: string | undefined;
  firstForm?: AccountForm;
  onSubmit: (kind: Kind, credentials: Credentials) => Promise<void>;
  onClose: () => void;
}) {
  const [kind, setKind] = useState<AccountForm>(firstForm);
  const [problem, setProblem] = useState<string>();
  const { register, handleSubmit, formState, setError, clearErrors, getValues, setFocus } =
    useForm<Credentials>();
  const { errors, isSubmitting } = formState;
  const isForgotten = kind === 'forgot password';
  // The button that was pressed is gone.
  useEffect(() => {
    if (!isForgotten) setFocus('email');
  }, [isForgotten, setFocus]);

  if (isForgotten) {
    return (
      <Modal
        title="Forgot your password?"
        description="We mail you a link to set a new one."
        onClose={onClose}
      >
        <ForgotPasswordForm firstEmail={getValues('email') ?? ''} onBack={() => setKind('log in')} />
      </Modal>
    );
  }

  const submit = handleSubmit(async (credentials) => {
    setProblem(undefined);
    try {
      await onSubmit(kind, credentials);
    } catch (error) {
      const refusal = apiErrorOf(error);
      const field = refusal?.details.field;
      if (refusal?.code === 'EMAIL_TAKEN') {
        setKind('log in');
        setProblem(messageOf(error));
      } else if (refusal && (field === 'email' || field === 'password')) {
        setError(field, { message: refusal.message }, { shouldFocus: true });
      } else {
        setProblem(messageOf(error));
      }
    }
  });

  return (
    <Modal
      title={TEXTS[kind].title}
      onClose={onClose}
      canClose={!isSubmitting}
      {...(reason !== undefined && { description: reason })}
    >
      <form className="form" onSubmit={(event) => void submit(event)} noValidate>
        {problem !== undefined && (
          <Notice tone="warning" alert>
            {problem}
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
        <PasswordField
          label="Password"
          autoComplete={kind === 'sign up' ? 'new-password' : 'current-password'}
          problem={errors.password?.message}
          // An empty hint keeps its line, so that the button does not move under the pointer.
          hint={kind === 'sign up' ? PASSWORD_RULES.hint : '\u00a0'}
          {...register(
            'password',
            kind === 'sign up' ? PASSWORD_RULES.ofNew : { required: PASSWORD_RULES.ofNew.required },
          )}
        />
        <button type="submit" className="button primary wide" aria-disabled={isSubmitting}>
          {isSubmitting ? 'One moment…' : TEXTS[kind].button}
        </button>
        <button
          type="button"
          className="button quiet wide"
          onClick={() => {
            setKind(kind === 'sign up' ? 'log in' : 'sign up');
            setProblem(undefined);
            clearErrors();
          }}
        >
          {TEXTS[kind].other}
        </button>
        {kind === 'log in' && (
          <button type="button" className="button quiet wide" onClick={() => setKind('forgot password')}>
            Forgot password?
          </button>
        )}
      </form>
    </Modal>
  );
}
