import type { ComponentProps } from 'react';
import { Field, TextArea } from '../ui/field.js';

/** What a form registers for a field, and the field's problem. */
type Registered<Component extends 'input' | 'textarea'> = ComponentProps<Component> & {
  problem?: string | undefined;
};

/** Where an event takes place, and what people read and see of it. All of it may be empty. */
export function AboutFields({
  venue,
  description,
  imageUrl,
}: {
  venue: Registered<'input'>;
  description: Registered<'textarea'>;
  imageUrl: Registered<'input'>;
}) {
  return (
    <>
      <Field label="Venue" {...venue} />
      <TextArea label="Description" rows={4} maxLength={4_000} {...description} />
      <Field
        label="Address of a picture"
        type="url"
        inputMode="url"
        hint="https://… Whoever looks at the event loads it from there."
        {...imageUrl}
      />
    </>
  );
}

/** When a sale starts and ends. */
export function SalesWindowFields({ start, end }: { start: Registered<'input'>; end: Registered<'input'> }) {
  return (
    <div className="field-pair equal">
      <Field label="Sale starts, at the venue" type="datetime-local" hint="Empty: at once." {...start} />
      <Field
        label="Sale ends, at the venue"
        type="datetime-local"
        hint="Empty: when the event begins."
        {...end}
      />
    </div>
  );
}
