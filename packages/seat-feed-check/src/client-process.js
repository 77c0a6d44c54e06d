import { spawn } from 'node:child_process';

/** Characters of what the client wrote to its standard error that are shown. */
const ERRORS_SHOWN_MAX = 2_000;
/** Characters of a line of the client. Its map has fewer. */
const LINE_MAX = 10_000;
/** How long a client may take to end once it was asked to. */
const STOP_MS_MAX = 2_000;

/** Ends the clients that run. @type {Set<() => void>} */
const running = new Set();

/** Ends all clients at once. They are in groups of their own, so the terminal's Ctrl+C does not reach them. */
export function endClients() {
  for (const end of running) end();
}

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
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (piece) => {
      const lines = (text + piece).split('\n');
      text = lines.pop() ?? '';
      for (const each of lines) line(each);
      if (text.length <= LINE_MAX) return;
      line(text);
      text = '';
    });
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
    const exited = new Promise((resolve) => {
      child.once('error', resolve);
      child.once('exit', resolve);
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
    const end = () => signal('SIGKILL');
    running.add(end);
    return {
      stop: async () => {
        isStopping = true;
        // What it still prints does not count.
        child.stdout.removeAllListeners('data').resume();
        signal('SIGTERM');
        /** @type {NodeJS.Timeout | undefined} */
        let late;
        const tooLate = new Promise((resolve) => {
          late = setTimeout(resolve, STOP_MS_MAX);
        });
        await Promise.race([closed, tooLate]);
        clearTimeout(late);
        end();
        await exited;
        running.delete(end);
        // A program that has left the group may hold them open.
        child.stdout.destroy();
        child.stderr.destroy();
      },
    };
  };
