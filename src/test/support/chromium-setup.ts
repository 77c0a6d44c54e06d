import { missingChromiumNotice } from './chromium.js';

/** Reports once, before any browser test, that they are skipped. In CI it fails the run instead. */
export default function setup(): void {
  const notice = missingChromiumNotice(process.env);
  if (notice !== undefined) process.stderr.write(`${notice}\n`);
}
