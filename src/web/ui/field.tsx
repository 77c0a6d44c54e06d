import { type ComponentProps, useId } from 'react';

/** An input with its label, and a hint or problem below it that is not a part of the label. */
export function Field({
  label,
  problem,
  hint,
  ...input
}: ComponentProps<'input'> & { label: string; problem?: string | undefined; hint?: string | undefined }) {
  const id = useId();
  const note = problem ?? hint;
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input
        {...input}
        id={id}
        aria-invalid={problem !== undefined}
        aria-describedby={note === undefined ? undefined : `${id}-note`}
      />
      {note !== undefined && (
        <span
          id={`${id}-note`}
          className={problem === undefined ? 'hint' : 'fault'}
          {...(problem !== undefined && { role: 'alert' })}
        >
          {note}
        </span>
      )}
    </div>
  );
}
