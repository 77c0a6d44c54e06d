import type { ReactNode } from 'react';

/** Something that the person has to know, said where it happened. An alert is read out as soon as it appears. */
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
