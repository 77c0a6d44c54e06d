/** The environment variable for `OWN_CLOCK`: how far the process's clock is ahead, in milliseconds. */
export const CLOCK_AHEAD_VARIABLE = 'TEST_CLOCK_AHEAD_MS';

/**
 * A module for `node --import`. It sets the process's own clock ahead, as a wrong clock of the machine would; a message
 * `{ clockAheadMs }` from the parent process changes by how much.
 */
export const OWN_CLOCK = `data:text/javascript,${encodeURIComponent(`
let aheadMs = Number(process.env.${CLOCK_AHEAD_VARIABLE});
process.on('message', (message) => { aheadMs = message.clockAheadMs; });
const now = Date.now;
globalThis.Date = new Proxy(Date, {
  construct: (target, args, made) =>
    Reflect.construct(target, args.length > 0 ? args : [now() + aheadMs], made),
  get: (target, name) => (name === 'now' ? () => now() + aheadMs : Reflect.get(target, name)),
});`)}`;
