/**
 * GraphiQL says that its tabs are tabs, which may have nothing in them that can be pressed, and puts a button into each.
 * Screen readers then hear of a tab and cannot reach its cross. As a list of buttons, of which one is the current, they
 * are what they do.
 */
export function showTabsAsList(root: HTMLElement): void {
  const tidy = () => {
    for (const list of root.querySelectorAll('[role=tablist]')) list.setAttribute('role', 'list');
    for (const tab of root.querySelectorAll('.graphiql-tab')) {
      if (tab.getAttribute('role') !== 'listitem') tab.setAttribute('role', 'listitem');
      const isShown = tab.classList.contains('graphiql-tab-active');
      const button = tab.querySelector('.graphiql-tab-button');
      if (button?.getAttribute('aria-current') !== String(isShown)) {
        button?.setAttribute('aria-current', String(isShown));
      }
      if (tab.hasAttribute('aria-selected')) tab.removeAttribute('aria-selected');
    }
  };
  new MutationObserver(tidy).observe(root, {
    subtree: true,
    childList: true,
    attributes: true,
    attributeFilter: ['class', 'role', 'aria-selected'],
  });
  tidy();
}
