import { type ChangeEvent, useId, useState } from 'react';
import arena from '../../../examples/venues/arena.csv?url&no-inline';
import cinema from '../../../examples/venues/cinema.csv?url&no-inline';
import theatre from '../../../examples/venues/theatre.csv?url&no-inline';
import { CSV_LENGTH_MAX } from '../../catalog/venue-csv.js';
import { faultCount, faultText, sizeText, type VenueFile } from './venue-file.js';
import { VenuePreview } from './venue-preview.js';

/** Characters that are shown to be edited. Browsers take seconds to lay out the lines of a larger text. */
const EDITABLE_LENGTH_MAX = 200_000;
const EXAMPLES = { theatre, arena, cinema };

/** Rows that are pasted or read from a file: their faults, or a preview of the map. */
export function VenueFileFields({
  text,
  onText,
  venue,
}: {
  text: string;
  onText: (text: string) => void;
  /** Undefined if there is no text yet. */
  venue: VenueFile | undefined;
}) {
  const id = useId();
  const [problem, setProblem] = useState<string>();
  const take = async (read: Promise<string>) => {
    setProblem(undefined);
    await read.then(onText, () => setProblem('This file cannot be read. Try again.'));
  };
  const choose = ({ target }: ChangeEvent<HTMLInputElement>) => {
    const [file] = target.files ?? [];
    // So that the same file can be chosen again after it was corrected.
    target.value = '';
    if (file === undefined) return;
    if (file.size > CSV_LENGTH_MAX)
      setProblem(`${file.name} is too large: a file has at most ${CSV_LENGTH_MAX / 2 ** 20} MB.`);
    else void take(file.text());
  };
  return (
    <div className="venue-file">
      <p className="muted" id={`${id}-help`}>
        One line for each seat, the first line names the columns:{' '}
        <code>section,row,seat,x,y,price,features</code>. Only the first three must be there. The lines of a
        row stand together, from one end to the other. <code>x</code> and <code>y</code> say where the seat
        is, in seat widths from the left and from the stage. <code>features</code> are <code>wheelchair</code>
        , <code>companion</code> and <code>restricted view</code>. A line without a row is a standing area:
        its <code>seat</code> says how many people it holds, its <code>x</code> and <code>y</code> from where
        to where it is, as <code>16..56</code>.
      </p>
      <p className="venue-examples">
        <label className="button">
          Choose a CSV file
          <input type="file" className="visually-hidden" accept=".csv,.tsv,.txt,text/csv" onChange={choose} />
        </label>
        <span>or see an example:</span>
        {Object.entries(EXAMPLES).map(([name, url]) => (
          <button
            key={name}
            type="button"
            className="link"
            onClick={() => void take(fetch(url).then((response) => response.text()))}
          >
            {name}
          </button>
        ))}
      </p>
      {text.length > EDITABLE_LENGTH_MAX ? (
        <p>
          {text.length.toLocaleString()} characters are read, too many to show here.{' '}
          <button type="button" className="link" onClick={() => onText('')}>
            Remove them
          </button>
        </p>
      ) : (
        <div className="field">
          <label htmlFor={id}>Rows, pasted or from the file</label>
          <textarea
            id={id}
            rows={8}
            wrap="off"
            spellCheck={false}
            placeholder={'section,row,seat,price\nStalls,A,1,45\nStalls,A,2,45'}
            value={text}
            onChange={({ target }) => onText(target.value)}
            aria-invalid={venue !== undefined && 'faults' in venue}
            aria-describedby={`${id}-help ${id}-outcome`}
          />
        </div>
      )}
      {problem !== undefined && (
        <span className="fault" role="alert">
          {problem}
        </span>
      )}
      <div id={`${id}-outcome`} aria-live="polite">
        {venue !== undefined &&
          ('faults' in venue ? (
            <p className="fault">{faultCount(venue.faults)}</p>
          ) : (
            <p>{sizeText(venue.plan)}</p>
          ))}
      </div>
      {venue !== undefined && 'faults' in venue && (
        <ul className="venue-faults">
          {venue.faults.map((fault) => (
            <li key={faultText(fault)}>{faultText(fault)}</li>
          ))}
        </ul>
      )}
      {venue !== undefined && 'plan' in venue && <VenuePreview venue={venue} />}
    </div>
  );
}
