// How often one asks where one stands in a queue: the nearer the turn, the sooner; thousands may be asking.

/** Milliseconds until the next look, given the milliseconds until one's turn. */
export const nextLook = (left: number): number => Math.min(30_000, Math.max(2000, left / 4));
