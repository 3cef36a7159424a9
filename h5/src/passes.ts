// What is shown at a station's gate, without a network too. The code of a ticket does not change; no name stays here.
import { ask } from "./api/client";
import { CoachPassesDocument, type CoachPassesQuery } from "./api/generated";
import { accessTo } from "./guests";
import { keeping } from "./kept";

export type Pass = CoachPassesQuery["coachPasses"][number];

const kept = keeping<Pass>("passes", ["ticket", "code", "last"], (one) => one, (one) => (one.code ? { ...one, passenger: "" } : null));
export const usablePasses = kept.usable;
export const keptPasses = kept.all;

/** Ask for the passes of a ticket order and keep them. */
export const fetchPasses = (order: string): Promise<Pass[]> => kept.fetch(order, async () => (await ask(CoachPassesDocument, { number: order, ...accessTo(order) })).coachPasses);
