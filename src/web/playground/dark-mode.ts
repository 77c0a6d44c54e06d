/**
 * Marks the page as dark, whichever of the two has said so: the theme chosen in GraphiQL's settings, which is a class of
 * the body, or the system where none is chosen. The style sheet then has its dark colours once.
 */
export function markDark(body: HTMLElement): void {
  const system = matchMedia('(prefers-color-scheme: dark)');
  const mark = () => {
    const isChosen = body.classList.contains('graphiql-dark');
    const isDark = isChosen || (system.matches && !body.classList.contains('graphiql-light'));
    body.toggleAttribute('data-dark', isDark);
  };
  mark();
  system.addEventListener('change', mark);
  new MutationObserver(mark).observe(body, { attributeFilter: ['class'] });
}
