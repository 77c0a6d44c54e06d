import type { ReactNode } from 'react';

/** A message beside the part of the page that it is about. Screen readers read an alert out as soon as it appears. */
export function Notice({
  tone = 'plain',
  alert = false,
  children,
}: {
  tone?: 'plain' | 'warning' | 'good';
  alert?: boolean;
  children: ReactNode;
}) {
  return (
    <div className={`notice notice-${tone}`} {...(alert && { role: 'alert' })}>
      {children}
    </div>
  );
}
