// The colours of GraphiQL's editors. GraphiQL's own line numbers and comments have too little contrast; these have at least
// 4.5:1 on every background. They match the variables in playground.css.

interface Colours {
  readonly base: 'vs' | 'vs-dark';
  readonly surface: string;
  readonly text: string;
  readonly faint: string;
  readonly line: string;
  readonly accent: string;
  readonly wash: string;
  readonly selection: string;
  readonly keyword: string;
  readonly field: string;
  readonly type: string;
  readonly variable: string;
  readonly string: string;
  readonly error: string;
}

const LIGHT: Colours = {
  base: 'vs',
  surface: '#ffffff',
  text: '#16201f',
  faint: '#56625f',
  line: '#dfe4e3',
  accent: '#0b565d',
  wash: '#e3f0f1',
  selection: '#cfe6e8',
  keyword: '#8b2a6b',
  field: '#0b565d',
  type: '#7d4400',
  variable: '#4b3fa8',
  string: '#1c6638',
  error: '#a82a24',
};

const DARK: Colours = {
  base: 'vs-dark',
  surface: '#151c1c',
  text: '#e8eeed',
  faint: '#9dabaa',
  line: '#2a3535',
  accent: '#7bd0d8',
  wash: '#16363a',
  selection: '#21484d',
  keyword: '#f0a3d0',
  field: '#7bd0d8',
  type: '#f0b968',
  variable: '#b9b0ff',
  string: '#7fd19d',
  error: '#f2938c',
};

/** The themes' names for GraphiQL. */
export const EDITOR_THEMES = { light: 'seat-booking-light', dark: 'seat-booking-dark' };

/** Loads the editors' code, which GraphiQL then reuses. */
export async function defineEditorThemes(): Promise<void> {
  const { editor } = await import('monaco-graphql/esm/monaco-editor.js');
  for (const [name, colours] of [
    [EDITOR_THEMES.light, LIGHT],
    [EDITOR_THEMES.dark, DARK],
  ] as const) {
    editor.defineTheme(name, {
      base: colours.base,
      inherit: true,
      rules: tokensIn(colours),
      colors: partsIn(colours),
    });
  }
}

function tokensIn({ text, faint, keyword, field, type, variable, string, error }: Colours) {
  const colourOf: Readonly<Record<string, string>> = {
    '': text,
    comment: faint,
    keyword,
    'keyword.json': keyword,
    'key.identifier': field,
    'string.key.json': field,
    'type.identifier': type,
    annotation: type,
    'argument.identifier': variable,
    number: variable,
    string,
    'string.value.json': string,
    delimiter: text,
    operator: text,
    invalid: error,
    'string.invalid': error,
    'string.escape.invalid': error,
  };
  return Object.entries(colourOf).map(([token, colour]) => ({ token, foreground: colour.slice(1) }));
}

function partsIn({ surface, text, faint, line, accent, wash, selection, error }: Colours) {
  /** GraphiQL draws the editors' backgrounds, which differ. */
  const clear = '#00000000';
  return {
    'editor.background': clear,
    'editor.foreground': text,
    'editor.selectionBackground': selection,
    'editor.inactiveSelectionBackground': selection,
    'editorCursor.foreground': text,
    'editorLineNumber.foreground': faint,
    'editorLineNumber.activeForeground': text,
    'editorLineNumber.dimmedForeground': faint,
    'editorError.foreground': error,
    'editorBracketHighlight.foreground1': text,
    'editorBracketHighlight.foreground2': text,
    'editorBracketHighlight.foreground3': text,
    'editorBracketHighlight.unexpectedBracket.foreground': error,
    'scrollbar.shadow': clear,
    'textLink.foreground': accent,
    'textLink.activeForeground': accent,
    'editorLink.activeForeground': accent,
    'editorWidget.background': surface,
    'editorWidget.foreground': text,
    'editorWidget.border': line,
    'editorHoverWidget.background': surface,
    'editorHoverWidget.foreground': text,
    'editorSuggestWidget.background': surface,
    'editorSuggestWidget.foreground': text,
    'editorSuggestWidget.highlightForeground': accent,
    'editorSuggestWidget.focusHighlightForeground': accent,
    'editorSuggestWidget.selectedBackground': wash,
    'editorSuggestWidget.selectedForeground': text,
    'list.hoverBackground': wash,
    'list.highlightForeground': accent,
    'list.focusHighlightForeground': accent,
    'menu.background': surface,
    'menu.foreground': text,
    'menu.selectionBackground': wash,
    'menu.selectionForeground': text,
    'quickInput.background': surface,
    'quickInput.foreground': text,
    'quickInputList.focusBackground': wash,
    'quickInputList.focusForeground': text,
    'pickerGroup.foreground': accent,
    'input.background': wash,
    'input.foreground': text,
    'inputOption.hoverBackground': wash,
    'toolbar.hoverBackground': wash,
    focusBorder: accent,
  };
}
