// Which insurances are wanted for which ticket, as the platform takes it: what is not named is not wanted.

/** `picked`: "ticket code" of everything chosen. Every ticket is named, so that what was chosen before is replaced. */
export const choicesOf = (tickets: readonly string[], picked: readonly string[]): { ticket: string; products: string[] }[] =>
  tickets.map((ticket) => ({ ticket, products: picked.filter((one) => one.startsWith(`${ticket} `)).map((one) => one.slice(ticket.length + 1)) }));
