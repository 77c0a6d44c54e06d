import { useSyncExternalStore } from 'react';
import { carried, NAMES } from './carried-values.js';
import { startOver } from './storage.js';

/** Shows the values from earlier answers, which can be edited or cleared. */
export function CarriedValues() {
  const values = useSyncExternalStore(carried.subscribe, carried.get);
  return (
    <form className="carried" autoComplete="off" onSubmit={(event) => event.preventDefault()}>
      <p>
        Carried over from earlier answers, for <code>{'{{name}}'}</code> in variables and headers:
      </p>
      {NAMES.map((name) => (
        <label key={name}>
          {name}
          <input
            value={values[name] ?? ''}
            placeholder="–"
            spellCheck={false}
            onChange={(event) => carried.set(name, event.target.value)}
          />
        </label>
      ))}
      <button type="button" onClick={startOver} title="Forgets these values and brings the first tabs back">
        Start over
      </button>
    </form>
  );
}
