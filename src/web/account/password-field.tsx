import { type ComponentProps, useState } from 'react';
import { Field } from '../ui/field.js';

/** A password, and a button that shows what is typed. */
export function PasswordField(field: Omit<ComponentProps<typeof Field>, 'type' | 'button'>) {
  const [isShown, setShown] = useState(false);
  return (
    <Field
      {...field}
      type={isShown ? 'text' : 'password'}
      // Neither corrected nor sent to a spelling service while it is shown.
      autoCapitalize="none"
      autoCorrect="off"
      spellCheck={false}
      button={
        <button type="button" className="button" onClick={() => setShown(!isShown)}>
          <span>
            {isShown ? 'Hide' : 'Show'}
            <span className="visually-hidden"> password</span>
          </span>
        </button>
      }
    />
  );
}
