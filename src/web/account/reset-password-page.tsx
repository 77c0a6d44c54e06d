import { useEffect, useState } from 'react';
import { useForm } from 'react-hook-form';
import { apiErrorOf } from 'seat-map';
import { Link } from 'wouter';
import { messageOf } from '../network/api-error-text.js';
import { Notice } from '../ui/notice.js';
import { useTitle } from '../ui/use-title.js';
import { PASSWORD_RULES } from './account-dialog.js';
import { PasswordField } from './password-field.js';
import { useAccount } from './viewer.js';

/** Sets a new password. The mailed link has its token in the fragment, which no server sees. */
export function ResetPasswordPage() {
  useTitle('Set a new password');
  const { setPassword, openAccount } = useAccount();
  const [isDone, setDone] = useState(false);
  const [problem, setProblem] = useState<string>();
  const { register, handleSubmit, formState, setError } = useForm<{ password: string }>();
  const { errors, isSubmitting } = formState;

  // Another link, opened in the same tab, does not load the page again.
  useEffect(() => {
    const onOtherLink = () => {
      setDone(false);
      setProblem(undefined);
    };
    addEventListener('hashchange', onOtherLink);
    return () => removeEventListener('hashchange', onOtherLink);
  }, []);

  const submit = handleSubmit(async ({ password }) => {
    setProblem(undefined);
    try {
      await setPassword(location.hash.slice(1), password);
      // A used link does not stay in the address bar.
      history.replaceState(history.state, '', location.pathname);
      setDone(true);
    } catch (error) {
      const refusal = apiErrorOf(error);
      if (refusal?.details.field === 'password')
        setError('password', { message: refusal.message }, { shouldFocus: true });
      else setProblem(messageOf(error));
    }
  });

  if (isDone)
    return (
      <div className="page narrow form">
        <h1>Set a new password</h1>
        <Notice tone="good" alert>
          Your new password is set, and you are signed in. All other devices are signed out.
        </Notice>
        <div className="row">
          <Link href="/" className="button primary">
            See all events
          </Link>
          <Link href="/bookings" className="button">
            My bookings
          </Link>
        </div>
      </div>
    );
  return (
    <div className="page narrow">
      <h1>Set a new password</h1>
      <form className="form" onSubmit={(event) => void submit(event)} noValidate>
        {problem !== undefined && (
          <Notice tone="warning" alert>
            <p>{problem}</p>
            <button type="button" className="link" onClick={() => openAccount('forgot password')}>
              Send another link
            </button>
          </Notice>
        )}
        <PasswordField
          label="New password"
          autoComplete="new-password"
          problem={errors.password?.message}
          hint={PASSWORD_RULES.hint}
          {...register('password', PASSWORD_RULES.ofNew)}
        />
        <button type="submit" className="button primary wide" aria-disabled={isSubmitting}>
          {isSubmitting ? 'One moment…' : 'Set password'}
        </button>
      </form>
    </div>
  );
}
