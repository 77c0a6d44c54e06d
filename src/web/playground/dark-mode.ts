/**
 * Marks the page as dark if the theme chosen in GraphiQL's settings (a class of the body) is dark, or the system's theme if none
 * is chosen. So the style sheet defines its dark colours only once.
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
