// Tickets that are given by lot: what of them may be registered for, and what nobody can buy otherwise.
import { ask, ensure } from "./api/client";
import { DrawEnterDocument, DrawsDocument, type DrawRowFragment } from "./api/generated";

export type Draw = DrawRowFragment;

/** The draws of a product's sessions. */
export const drawsOf = async (product: string): Promise<readonly Draw[]> => (await ask(DrawsDocument, { product })).admissionDraws;

/** Codes of the classes that only the lot gives in a session now. */
export const onlyByLot = (draws: readonly Draw[] | undefined, session: string): Set<string> =>
  new Set((draws ?? []).filter((one) => one.sessionId === session && !one.sellsFreely).map(({ classCode }) => classCode));

/** Register, or register another number of tickets. Throws the platform's refusal. */
export async function enterDraw(one: Draw, quantity: number): Promise<void> {
  ensure((await ask(DrawEnterDocument, { session: one.sessionId, ticketClass: one.classCode, quantity })).admissionDrawEnter?.errors);
}
