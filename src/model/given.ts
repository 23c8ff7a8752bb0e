/** What an object says: a member that is undefined is left out, as in JSON, so that its default holds. */
export function given(options: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
