import { type ComponentProps, useId } from 'react';

/** An input with its name above it. What is wrong with it is told beside it, and is not a part of its name. */
export function Field({
  label,
  fault,
  hint,
  ...input
}: ComponentProps<'input'> & { label: string; fault?: string | undefined; hint?: string | undefined }) {
  const id = useId();
  const note = fault ?? hint;
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input
        {...input}
        id={id}
        aria-invalid={fault !== undefined}
        aria-describedby={note === undefined ? undefined : `${id}-note`}
      />
      {note !== undefined && (
        <span
          id={`${id}-note`}
          className={fault === undefined ? 'hint' : 'fault'}
          {...(fault !== undefined && { role: 'alert' })}
        >
          {note}
        </span>
      )}
    </div>
  );
}
