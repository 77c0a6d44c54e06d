import { GraphiQL } from 'graphiql';
import { createRoot } from 'react-dom/client';
import 'graphiql/setup-workers/vite';
import 'graphiql/style.css';
import './playground.css';
import { CarriedValues } from './carried-values-panel.js';
import { markDark } from './dark-mode.js';
import { defineEditorThemes, EDITOR_THEMES } from './editor-themes.js';
import { fetcher } from './fetcher.js';
import { DEFAULT_HEADERS, JOURNEY } from './journey.js';
import { storage } from './storage.js';
import { showTabsAsList } from './tab-list.js';
import { holdTabsUntilEditors } from './wait-for-editors.js';

/**
 * GraphiQL stores its tabs and its editors' texts separately, at different times. If they differ on the next visit it opens one
 * more tab, and on the first visit its editors are empty. So the active tab is written to both.
 */
function showStoredTab() {
  let active: Record<string, string | null> = { ...JOURNEY[0] };
  try {
    const { tabs, activeTabIndex } = JSON.parse(storage.getItem('graphiql:tabState') ?? '{}');
    active = tabs[activeTabIndex] ?? active;
  } catch {
    // nothing stored yet: the journey's first step
  }
  for (const part of ['query', 'variables', 'headers'])
    storage.setItem(`graphiql:${part}`, active[part] ?? '');
}

showStoredTab();
markDark(document.body);

const root = document.getElementById('root');
if (!root) throw new Error('The page has no #root');
showTabsAsList(root);
holdTabsUntilEditors(root);
const page = createRoot(root);
// Themes first: an editor that is created before its theme is defined keeps a default one.
void defineEditorThemes().finally(() =>
  page.render(
    <GraphiQL
      fetcher={fetcher}
      storage={storage}
      defaultTabs={JOURNEY}
      defaultHeaders={DEFAULT_HEADERS}
      defaultEditorToolsVisibility="variables"
      editorTheme={EDITOR_THEMES}
      shouldPersistHeaders
    >
      <GraphiQL.Logo>
        <a className="graphiql-logo-link" href="/">
          Seat map
        </a>
      </GraphiQL.Logo>
      <GraphiQL.Footer>
        <CarriedValues />
      </GraphiQL.Footer>
    </GraphiQL>,
  ),
);
