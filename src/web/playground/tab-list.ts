/**
 * GraphiQL gives its tabs the role `tab`, which must not contain buttons, and puts a close button into each. Screen readers
 * then cannot reach that button. So the tabs become a list of buttons, one of which is the current one.
 */
export function showTabsAsList(root: HTMLElement): void {
  const fixRoles = () => {
    for (const list of root.querySelectorAll('[role=tablist]')) list.setAttribute('role', 'list');
    for (const tab of root.querySelectorAll('.graphiql-tab')) {
      if (tab.getAttribute('role') !== 'listitem') tab.setAttribute('role', 'listitem');
      const isActive = tab.classList.contains('graphiql-tab-active');
      const button = tab.querySelector('.graphiql-tab-button');
      if (button?.getAttribute('aria-current') !== String(isActive)) {
        button?.setAttribute('aria-current', String(isActive));
      }
      if (tab.hasAttribute('aria-selected')) tab.removeAttribute('aria-selected');
    }
  };
  new MutationObserver(fixRoles).observe(root, {
    subtree: true,
    childList: true,
    attributes: true,
    attributeFilter: ['class', 'role', 'aria-selected'],
  });
  fixRoles();
}
