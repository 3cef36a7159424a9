// What is shown at a station's gate, without a network too. The code of a ticket does not change; no name stays here.
import { ask } from "./api/client";
import { CoachPassesDocument, type CoachPassesQuery } from "./api/generated";
import { accessTo } from "./guests";
import { keep, recall } from "./state/storage";

export type Pass = CoachPassesQuery["coachPasses"][number];

const NAME = "passes";
/** So many kept passes; the oldest make room. */
const MOST = 60;

/** Only well-formed ones survive: storage may hold what an older version wrote. */
export function usablePasses(kept: unknown): Pass[] {
  return Array.isArray(kept) ? kept.filter((one) => typeof one?.ticket === "string" && typeof one?.orderNumber === "string" && typeof one?.code === "string" && typeof one?.last === "string") : [];
}

export const keptPasses = (order?: string): Pass[] => usablePasses(recall<unknown>(NAME, [])).filter((one) => !order || one.orderNumber === order);

/** Ask for the passes of a ticket order and keep them in place of what was kept of it; buses of the day before yesterday go. */
export async function fetchPasses(order: string): Promise<Pass[]> {
  const { coachPasses: found } = await ask(CoachPassesDocument, { number: order, ...accessTo(order) });
  if (!found.length) return found; // logged out, or not issued: what is kept stays
  const yesterday = Date.now() - 86_400_000;
  const others = keptPasses().filter((one) => one.orderNumber !== order && Date.parse(one.last) > yesterday);
  keep(NAME, [...others, ...found.filter(({ code }) => code).map((one) => ({ ...one, passenger: "" }))].slice(-MOST));
  return found;
}
