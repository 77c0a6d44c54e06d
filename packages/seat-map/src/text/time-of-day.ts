/** "7:30:05 PM", in the viewer's zone. */
export function formatTimeOfDay(ms: number): string {
  return new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' }).format(new Date(ms));
}
