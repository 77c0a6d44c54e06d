import Papa from 'papaparse';
import { SEATS_PER_EVENT_MAX } from './event.js';
import { LABEL_CODE_POINTS_MAX, ROWS_LISTED_MAX } from './rows.js';
import { SECTION_NAME_CODE_POINTS_MAX, SECTIONS_PER_EVENT_MAX } from './seating.js';
import type { SectionArea } from './seating-plan.js';
import { type Cell, coordinateCell, featuresCell, nameCell, priceCell, rangeCell } from './venue-cells.js';
import type { Point } from './venue-geometry.js';
import {
  type ReadRow,
  type ReadSection,
  type Seat,
  sectionsFrom,
  type Venue,
  type VenueFault,
} from './venue-sections.js';

/** Characters of a file: about 80 for each seat of the largest event. */
export const CSV_LENGTH_MAX = 8 * 1024 * 1024;
/** Faults that are named at once. */
export const FAULTS_MAX = 100;

const COLUMNS = ['section', 'row', 'seat', 'x', 'y', 'price', 'features'] as const;
const REQUIRED_COLUMNS: readonly Column[] = ['section', 'row', 'seat'];

type Column = (typeof COLUMNS)[number];
type Line = Readonly<Record<Column, string>>;

/**
 * Reads a venue from lines of `section,row,seat,x,y,price,features`, one for each seat. A line without a row is a standing
 * section: its capacity is in `seat`, and x and y are ranges such as `16..56`. Separated by commas, by semicolons or, as pasted from a spreadsheet, by tabs.
 *
 * @param currency an ISO 4217 code in force
 */
export const venueFromCsv = (text: string, currency: string): Venue => new VenueReader(currency).read(text);

class VenueReader {
  readonly #faults: VenueFault[] = [];
  /** By the key of the name, in the file's order. */
  readonly #sections = new Map<string, ReadSection>();
  readonly #sectionName = nameCell(SECTION_NAME_CODE_POINTS_MAX);
  readonly #label = nameCell(LABEL_CODE_POINTS_MAX);
  readonly #amount: (text: string) => Cell<number | null>;
  #seats = 0;
  #rows = 0;
  /** The row of the line before. */
  #lastRow: ReadRow | undefined;

  constructor(readonly currency: string) {
    this.#amount = priceCell(currency);
  }

  read(text: string): Venue {
    if (text.length > CSV_LENGTH_MAX) {
      const max = CSV_LENGTH_MAX.toLocaleString('en');
      return { faults: [{ line: 1, column: null, message: `A file has at most ${max} characters.` }] };
    }
    this.#readLines(text);
    if (this.#faults.length === 0 && this.#seats === 0) {
      this.#fault(1, null, 'There is no seat: after the header, each line is a seat.');
    }
    if (this.#faults.length > 0) return { faults: this.#faults };
    const venue = sectionsFrom([...this.#sections.values()], this.currency);
    return 'faults' in venue ? { faults: venue.faults.slice(0, FAULTS_MAX) } : venue;
  }

  #readLines(text: string): void {
    const { data, errors } = Papa.parse<string[]>(text, { delimiter: delimiterOf(text) });
    const unreadable = new Set(errors.map(({ row }) => row));
    let columns: (Column | undefined)[] | undefined;
    let line = 1;
    for (const [index, fields] of data.entries()) {
      if (unreadable.has(index)) this.#fault(line, null, 'A quotation mark is not closed, or not doubled.');
      else if (columns === undefined) columns = this.#header(line, fields);
      else if (fields.some((field) => field.trim() !== '')) this.#line(line, columns, fields);
      if (columns?.length === 0 || this.#faults.length >= FAULTS_MAX) return;
      line += 1;
      // A quoted field may contain line breaks.
      for (const field of fields) if (field.includes('\n')) line += field.split('\n').length - 1;
    }
  }

  /** @returns empty if the columns are not clear */
  #header(line: number, names: readonly string[]): (Column | undefined)[] {
    const columns = names.map((name) => COLUMNS.find((column) => column === name.trim().toLowerCase()));
    names.forEach((name, index) => {
      const column = columns[index];
      if (column === undefined && name.trim() !== '') {
        this.#fault(line, name.trim(), `There is no such column. The columns are ${COLUMNS.join(', ')}.`);
      } else if (column !== undefined && columns.indexOf(column) < index) {
        this.#fault(line, column, 'This column is there twice.');
      }
    });
    for (const column of REQUIRED_COLUMNS.filter((each) => !columns.includes(each))) {
      this.#fault(line, column, `The first line has no such column. It can be: ${COLUMNS.join(',')}`);
    }
    return this.#faults.length > 0 ? [] : columns;
  }

  #line(line: number, columns: readonly (Column | undefined)[], fields: readonly string[]): void {
    const cells = { section: '', row: '', seat: '', x: '', y: '', price: '', features: '' };
    fields.forEach((field, index) => {
      const [column, text] = [columns[index], field.trim()];
      if (column !== undefined) cells[column] = text;
      else if (text !== '') this.#fault(line, null, `“${text}” is in no column of the header.`);
    });
    const section = this.#section(line, cells);
    if (section === undefined) return;
    this.#price(line, cells, section);
    if (cells.row === '') this.#standing(line, cells, section);
    else this.#seat(line, cells, section);
  }

  #section(line: number, cells: Line): ReadSection | undefined {
    const read = this.#value(line, 'section', this.#sectionName(cells.section));
    if (read === undefined) return undefined;
    const earlier = this.#sections.get(read.key);
    if (earlier !== undefined) return earlier;
    const { name } = read;
    const section: ReadSection = {
      name,
      line,
      price: undefined,
      capacity: undefined,
      area: undefined,
      rows: new Map(),
    };
    this.#sections.set(read.key, section);
    if (this.#sections.size === SECTIONS_PER_EVENT_MAX + 1) {
      this.#fault(line, 'section', `An event has at most ${SECTIONS_PER_EVENT_MAX} sections.`);
    }
    return section;
  }

  #price(line: number, cells: Line, section: ReadSection): void {
    const amount = this.#value(line, 'price', this.#amount(cells.price)) ?? null;
    if (amount === null) return;
    section.price ??= { amount, line };
    if (section.price.amount !== amount) {
      const message = `A section has one price, and ${section.name} has another one in line ${section.price.line}.`;
      this.#fault(line, 'price', message);
    }
  }

  #standing(line: number, cells: Line, section: ReadSection): void {
    if (!/^0*[1-9]\d{0,5}$/.test(cells.seat)) {
      this.#fault(line, 'seat', 'Without a row, this is a standing section: say how many people it holds.');
    } else if (section.line !== line) {
      const message = `${section.name} began in line ${section.line}. A standing section is one line.`;
      this.#fault(line, 'section', message);
    } else {
      if (cells.features !== '') this.#fault(line, 'features', 'A standing section has no features.');
      section.capacity = Number(cells.seat);
      section.area = this.#area(line, cells);
      this.#count(line, section.capacity);
    }
  }

  #seat(line: number, cells: Line, section: ReadSection): void {
    const rowLabel = this.#value(line, 'row', this.#label(cells.row));
    const label = this.#value(line, 'seat', this.#label(cells.seat));
    const point = this.#point(line, cells);
    const features = this.#value(line, 'features', featuresCell(cells.features)) ?? [];
    if (section.capacity !== undefined) {
      this.#fault(line, 'row', `${section.name} is a standing section, by line ${section.line}.`);
    } else if (rowLabel !== undefined && label !== undefined) {
      const row = this.#row(line, section, rowLabel.key, rowLabel.name);
      const twin = row.seats.get(label.key);
      if (twin !== undefined) {
        const message = `Row ${row.label} has a seat ${label.name} already, in line ${twin.line}.`;
        this.#fault(line, 'seat', message);
        return;
      }
      const seat: Seat = { line, label: label.name, point, features };
      row.seats.set(label.key, seat);
      this.#count(line, 1);
    }
  }

  /** The row that the line continues or begins. */
  #row(line: number, section: ReadSection, key: string, label: string): ReadRow {
    const earlier = section.rows.get(key);
    if (earlier !== undefined) {
      if (earlier !== this.#lastRow) {
        const message = `Row ${label} of ${section.name} began in line ${earlier.line}, and other rows are between. Put its lines together.`;
        this.#fault(line, 'row', message);
      }
      this.#lastRow = earlier;
      return earlier;
    }
    const row: ReadRow = { label, line, seats: new Map() };
    section.rows.set(key, row);
    this.#lastRow = row;
    this.#rows += 1;
    if (this.#rows === ROWS_LISTED_MAX + 1) {
      this.#fault(line, 'row', `An event has at most ${ROWS_LISTED_MAX.toLocaleString('en')} rows.`);
    }
    return row;
  }

  #point(line: number, cells: Line): Point | undefined {
    if (cells.x === '' && cells.y === '') return undefined;
    const x = this.#value(line, 'x', coordinateCell(cells.x));
    const y = this.#value(line, 'y', coordinateCell(cells.y));
    return x === undefined || y === undefined ? undefined : { x, y };
  }

  #area(line: number, cells: Line): SectionArea | undefined {
    if (cells.x === '' && cells.y === '') return undefined;
    const x = this.#value(line, 'x', rangeCell(cells.x));
    const y = this.#value(line, 'y', rangeCell(cells.y));
    if (x === undefined || y === undefined) return undefined;
    return { x: x.from, y: y.from, width: x.size, height: y.size };
  }

  #count(line: number, seats: number): void {
    const before = this.#seats;
    this.#seats += seats;
    if (before <= SEATS_PER_EVENT_MAX && this.#seats > SEATS_PER_EVENT_MAX) {
      this.#fault(line, null, `An event has at most ${SEATS_PER_EVENT_MAX.toLocaleString('en')} seats.`);
    }
  }

  /** @returns undefined after a fault */
  #value<Value>(line: number, column: Column, cell: Cell<Value>): Value | undefined {
    if ('value' in cell) return cell.value;
    this.#fault(line, column, cell.problem);
    return undefined;
  }

  #fault(line: number, column: string | null, message: string): void {
    if (this.#faults.length < FAULTS_MAX) this.#faults.push({ line, column, message });
  }
}

/** What separates the columns of the header. */
function delimiterOf(text: string): string {
  const [header = ''] = text.split('\n', 1);
  return ['\t', ';'].find((delimiter) => header.includes(delimiter)) ?? ',';
}
