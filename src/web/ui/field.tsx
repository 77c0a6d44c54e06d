import { type ComponentProps, type ReactNode, useId } from 'react';

interface Described {
  readonly label: string;
  readonly problem?: string | undefined;
  readonly hint?: string | undefined;
}

/** An input with its label, and a hint or problem below it that is not a part of the label. */
export function Field({
  label,
  problem,
  hint,
  button,
  ...input
}: ComponentProps<'input'> &
  Described & {
    /** Beside the input. */
    button?: ReactNode;
  }) {
  return (
    <Labelled label={label} problem={problem} hint={hint}>
      {(described) => (
        <div className="field-input">
          <input {...input} {...described} />
          {button}
        </div>
      )}
    </Labelled>
  );
}

/** The same for several lines. */
export function TextArea({ label, problem, hint, ...textarea }: ComponentProps<'textarea'> & Described) {
  return (
    <Labelled label={label} problem={problem} hint={hint}>
      {(described) => <textarea {...textarea} {...described} />}
    </Labelled>
  );
}

function Labelled({
  label,
  problem,
  hint,
  children,
}: Described & {
  children: (described: {
    id: string;
    'aria-invalid': boolean;
    'aria-describedby': string | undefined;
  }) => ReactNode;
}) {
  const id = useId();
  const note = problem ?? hint;
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children({
        id,
        'aria-invalid': problem !== undefined,
        'aria-describedby': note === undefined ? undefined : `${id}-note`,
      })}
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
