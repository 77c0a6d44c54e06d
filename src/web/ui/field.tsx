import { type ComponentProps, type ReactNode, useId } from 'react';

/** An input with its label, and a hint or problem below it that is not a part of the label. */
export function Field({
  label,
  problem,
  hint,
  button,
  ...input
}: ComponentProps<'input'> & {
  label: string;
  problem?: string | undefined;
  hint?: string | undefined;
  /** Beside the input. */
  button?: ReactNode;
}) {
  const id = useId();
  const note = problem ?? hint;
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <div className="field-input">
        <input
          {...input}
          id={id}
          aria-invalid={problem !== undefined}
          aria-describedby={note === undefined ? undefined : `${id}-note`}
        />
        {button}
      </div>
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
