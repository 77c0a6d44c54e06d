/** `toLocaleString` would create a format with every call, which takes longer than all else that a live message does. */
const format = new Intl.NumberFormat();

/** "12,345" */
export const countText = (count: number): string => format.format(count);
