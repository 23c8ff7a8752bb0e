/** A value of ours as a literal of Lua. */
export const literal = (value: object): string => `'${JSON.stringify(value)}'`;
