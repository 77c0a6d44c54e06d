/**
 * GraphiQL shows its tabs before its editors are loaded. A tab pressed in between becomes active, but the editors then show the
 * operation of another tab and store it in the active one. So tabs cannot be pressed before that.
 */
export function holdTabsUntilEditors(root: HTMLElement): void {
  const hold = () => {
    const isReady = root.querySelector('.graphiql-query-editor .monaco-editor') !== null;
    for (const part of root.querySelectorAll('.graphiql-tabs, .graphiql-tab-add'))
      part.toggleAttribute('inert', !isReady);
    if (isReady) observer.disconnect();
  };
  const observer = new MutationObserver(hold);
  observer.observe(root, { subtree: true, childList: true });
}
