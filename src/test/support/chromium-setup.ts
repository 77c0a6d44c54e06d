import { missingChromiumNotice } from './chromium.js';

/** Says once, before any browser test, that they are skipped; in CI it fails the run instead. */
export default function setup(): void {
  const notice = missingChromiumNotice(process.env);
  if (notice !== undefined) process.stderr.write(`${notice}\n`);
}
