import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** Characters of what the client wrote to its standard error that are shown. */
const ERRORS_SHOWN_MAX = 2_000;
/** How long a client may take to end once it was asked to. */
const STOP_MS_MAX = 2_000;

/**
 * Starts the client as a program, with the server's address in its environment.
 *
 * @param {string} command
 * @returns {import('./session.js').StartClient}
 */
export const clientProgram =
  (command) =>
  ({ url, eventId }, { line, ended }) => {
    const child = spawn(command, {
      shell: true,
      // A group of its own, so that programs which the shell has started are ended with it.
      detached: process.platform !== 'win32',
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, SEAT_FEED_URL: url, SEAT_FEED_EVENT_ID: eventId },
    });
    let errors = '';
    child.stderr.setEncoding('utf8').on('data', (text) => {
      errors = (errors + text).slice(-ERRORS_SHOWN_MAX);
    });
    createInterface({ input: child.stdout }).on('line', line);
    let isStopping = false;
    const closed = new Promise((resolve) => {
      child.once('error', ({ message }) => {
        ended(message);
        resolve(undefined);
      });
      child.once('close', (code, signal) => {
        if (!isStopping) ended(`${signal ?? `exit code ${code}`}\n${errors}`.trim());
        resolve(undefined);
      });
    });
    const signal = (/** @type {NodeJS.Signals} */ name) => {
      try {
        if (child.pid === undefined) return;
        if (process.platform === 'win32') child.kill(name);
        else process.kill(-child.pid, name);
      } catch {
        // It has ended already.
      }
    };
    return {
      stop: async () => {
        isStopping = true;
        signal('SIGTERM');
        const late = setTimeout(() => signal('SIGKILL'), STOP_MS_MAX);
        await closed;
        clearTimeout(late);
      },
    };
  };
