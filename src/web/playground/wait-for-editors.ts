/**
 * GraphiQL shows its tabs before its editors are there. A tab that is pressed in between becomes the shown one, and the
 * editors then come with the operation of another one, which is stored as its own. So none can be pressed until then.
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
