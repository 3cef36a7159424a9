// Other tickets in the place of those that one has: one for one, for the same people.
import type { TicketFactsFragment } from "./api/generated";
import type { WantedTicket } from "./state/trip";

export type Ticket = TicketFactsFragment;
interface Left {
  code: string;
  name: string;
  price: number;
  left: number;
  open: boolean;
}

/** The same classes at another time; none where one of them is not on sale there, or not enough is left. */
export function sameAgain(old: readonly Pick<Ticket, "number" | "fare" | "passenger">[], lefts: readonly Left[]): WantedTicket[] {
  const found = old.map((one) => lefts.find(({ code, open }) => open && code === one.fare));
  const enough = found.every((kind) => kind && kind.left >= old.filter(({ fare }) => fare === kind.code).length);
  if (!enough) return [];
  return inPlace(old, found.map((kind) => ({ code: kind!.code, name: kind!.name, price: Number(kind!.price), realName: "NONE" })));
}

/** A day of the calendar as who changes sees it: what the same tickets cost from; nothing where they are not to be had. */
export function dayAgain<T extends { priceFrom?: number | null; classes: readonly Left[] }>(old: readonly Pick<Ticket, "number" | "fare" | "passenger">[], one: T): T {
  const same = sameAgain(old, one.classes);
  return { ...one, priceFrom: same.length ? Math.min(...same.map(({ price }) => price)) : null };
}

/** Chosen tickets in place of the old ones, one for one in their order; none while it is not the same number. */
export const inPlace = (old: readonly Pick<Ticket, "number" | "passenger">[], wanted: readonly WantedTicket[]): WantedTicket[] =>
  wanted.length === old.length ? wanted.map((one, n) => ({ ...one, realName: "NONE", old: { number: old[n]!.number, name: old[n]!.passenger?.name ?? "" } })) : [];
