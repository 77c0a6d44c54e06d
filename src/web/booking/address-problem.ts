/** Rough: the server has the last word. It finds what is no address at all before anything is sent. */
const ADDRESS = /^\S+@\S+\.\S+$/;

/** What is wrong with an address for the tickets, or undefined. */
export function addressProblem(typed: string): string | undefined {
  if (typed.trim() === '') return 'Type the address that your tickets go to.';
  return ADDRESS.test(typed.trim()) ? undefined : 'This is not an e-mail address.';
}
