/** Throughput against callers, one panel for each phase, both axes logarithmic. */

export interface Series {
  readonly name: string;
  /** Any CSS colour that can be read on white. */
  readonly colour: string;
  /** Drawn with a broken line: what others are held against. */
  readonly broken?: boolean;
}

export interface Point {
  readonly series: string;
  readonly panel: string;
  readonly callers: number;
  readonly perSecond: number;
}

const PANEL_WIDTH = 330;
const PANEL_HEIGHT = 210;
/** Between panels, with room for the numbers of the axes. */
const GAP_X = 112;
const GAP_Y = 78;
const MARGIN = { left: 62, top: 104, right: 74, bottom: 48 };
const PANELS_IN_A_ROW = 2;
const LEGEND_WIDTH = 150;

const INK = '#1f2328';
const FAINT_INK = '#656d76';
const GRID = '#e3e6ea';
const PAPER = '#ffffff';

/**
 * @param panels their titles, in reading order
 * @returns an SVG with a background of its own, so that it can be read on a light page and on a dark one
 */
export function plotOf(
  title: string,
  panels: readonly string[],
  series: readonly Series[],
  points: readonly Point[],
): string {
  const drawn = points.filter(({ perSecond }) => perSecond > 0);
  const axes = axesOf(drawn);
  const rows = Math.ceil(panels.length / PANELS_IN_A_ROW);
  const width = MARGIN.left + PANELS_IN_A_ROW * PANEL_WIDTH + (PANELS_IN_A_ROW - 1) * GAP_X + MARGIN.right;
  const height = MARGIN.top + rows * PANEL_HEIGHT + (rows - 1) * GAP_Y + MARGIN.bottom;
  const parts = panels.map((panel, index) => {
    const x = MARGIN.left + (index % PANELS_IN_A_ROW) * (PANEL_WIDTH + GAP_X);
    const y = MARGIN.top + Math.floor(index / PANELS_IN_A_ROW) * (PANEL_HEIGHT + GAP_Y);
    const ofPanel = drawn.filter((point) => point.panel === panel);
    return `<g transform="translate(${x} ${y})">\n${panelOf(panel, series, ofPanel, axes)}</g>\n`;
  });
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" ` +
    `font-family="system-ui, sans-serif" font-size="12">\n` +
    `<title>${escaped(title)}</title>\n` +
    `<rect width="${width}" height="${height}" rx="8" fill="${PAPER}"/>\n` +
    text(MARGIN.left, 32, title, { size: 16, weight: 600 }) +
    legendOf(series) +
    parts.join('') +
    '</svg>\n'
  );
}

interface Axes {
  readonly callers: readonly number[];
  /** Powers of ten around all that was measured. */
  readonly decades: readonly number[];
  xOf(callers: number): number;
  yOf(perSecond: number): number;
}

function axesOf(points: readonly Point[]): Axes {
  const callers = [...new Set(points.map((point) => point.callers))].sort((one, other) => one - other);
  const rates = points.map(({ perSecond }) => perSecond);
  const lowest = Math.floor(Math.log10(Math.min(...rates, 1_000)));
  const highest = Math.max(lowest + 1, Math.ceil(Math.log10(Math.max(...rates, 1))));
  const decades = Array.from({ length: highest - lowest + 1 }, (_, index) => 10 ** (lowest + index));
  const [first, last] = [Math.log(callers[0] ?? 1), Math.log(callers.at(-1) ?? 1)];
  return {
    callers,
    decades,
    // A single count of callers stands in the middle.
    xOf: (count) =>
      first === last ? PANEL_WIDTH / 2 : ((Math.log(count) - first) / (last - first)) * PANEL_WIDTH,
    yOf: (perSecond) => PANEL_HEIGHT * (1 - (Math.log10(perSecond) - lowest) / (highest - lowest)),
  };
}

function panelOf(panel: string, series: readonly Series[], points: readonly Point[], axes: Axes): string {
  const horizontals = axes.decades.map((rate) => {
    const y = axes.yOf(rate);
    return line(0, y, PANEL_WIDTH, y) + text(-8, y + 4, spoken(rate), { anchor: 'end', colour: FAINT_INK });
  });
  const verticals = axes.callers.map((count) => {
    const x = axes.xOf(count);
    const label = text(x, PANEL_HEIGHT + 18, spoken(count), { anchor: 'middle', colour: FAINT_INK });
    return line(x, 0, x, PANEL_HEIGHT) + label;
  });
  const lines = series.map((each) => {
    const own = points
      .filter((point) => point.series === each.name)
      .sort((one, other) => one.callers - other.callers)
      .map(({ callers, perSecond }) => ({ x: axes.xOf(callers), y: axes.yOf(perSecond), perSecond }));
    return { ...each, own };
  });
  const labels = apart(
    lines.flatMap(({ own, colour }) => {
      const last = own.at(-1);
      return last === undefined ? [] : [{ ...last, colour }];
    }),
  );
  return (
    text(0, -12, panel, { weight: 600 }) +
    text(PANEL_WIDTH, -12, 'operations/s', { anchor: 'end', colour: FAINT_INK }) +
    text(PANEL_WIDTH / 2, PANEL_HEIGHT + 34, 'callers', { anchor: 'middle', colour: FAINT_INK }) +
    horizontals.join('') +
    verticals.join('') +
    lines.map(lineOf).join('') +
    labels.map(({ x, y, perSecond, colour }) => text(x + 8, y + 4, spoken(perSecond), { colour })).join('')
  );
}

function lineOf({ colour, broken, own }: Series & { own: readonly { x: number; y: number }[] }): string {
  const path = own.map(({ x, y }) => `${round(x)},${round(y)}`).join(' ');
  const dashes = broken ? ' stroke-dasharray="5 4"' : '';
  const dots = own.map(({ x, y }) => `<circle cx="${round(x)}" cy="${round(y)}" r="3" fill="${colour}"/>\n`);
  return `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"${dashes}/>\n${dots.join('')}`;
}

const LABEL_HEIGHT = 13;

/** Labels that would lie on each other are moved down. */
function apart<T extends { readonly y: number }>(labels: readonly T[]): T[] {
  let lowest = Number.NEGATIVE_INFINITY;
  return [...labels]
    .sort((one, other) => one.y - other.y)
    .map((label) => {
      lowest = Math.max(label.y, lowest + LABEL_HEIGHT);
      return { ...label, y: lowest };
    });
}

function legendOf(series: readonly Series[]): string {
  return series
    .map(({ name, colour, broken }, index) => {
      const x = MARGIN.left + index * LEGEND_WIDTH;
      const dashes = broken ? ' stroke-dasharray="5 4"' : '';
      return (
        `<line x1="${x}" y1="54" x2="${x + 22}" y2="54" stroke="${colour}" stroke-width="2"${dashes}/>\n` +
        text(x + 28, 58, name, {})
      );
    })
    .join('');
}

const line = (x1: number, y1: number, x2: number, y2: number) =>
  `<line x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}" stroke="${GRID}"/>\n`;

function text(
  x: number,
  y: number,
  content: string,
  {
    anchor = 'start',
    colour = INK,
    size = 12,
    weight = 400,
  }: { anchor?: 'start' | 'middle' | 'end'; colour?: string; size?: number; weight?: number },
): string {
  return (
    `<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}" fill="${colour}" font-size="${size}" ` +
    `font-weight="${weight}">${escaped(content)}</text>\n`
  );
}

/** As it is said: no more digits than matter, thousands apart. */
function spoken(value: number): string {
  if (value < 10 && !Number.isInteger(value))
    return value < 1 ? String(Number(value.toPrecision(1))) : value.toFixed(1);
  return Math.round(value).toLocaleString('en-US');
}

const round = (value: number) => Math.round(value * 10) / 10;

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };
const escaped = (content: string) => content.replace(/[&<>]/g, (letter) => ENTITIES[letter] as string);
