// From a wish to a hold to the page where it is paid.
import { ask, ensure, Refusal } from "./api/client";
import { HeldOrderDocument, HoldReleaseDocument, type HeldOrderQuery } from "./api/generated";
import { router } from "./router";
import { begin } from "./state/purchase";
import { keyFor, renewKey } from "./state/trip";
import { k } from "./ticketTexts";

export interface Answer {
  number?: string | null;
  state?: string | null;
  total?: number | null;
  seats?: readonly string[] | null;
  errors: readonly { code: string; field?: string | null; message: string; hint?: string | null }[];
}

export type Held = NonNullable<HeldOrderQuery["ticketOrder"]>;

/**
 * Ask for a hold under the wish's own number: asked again in the same words it is the same hold. A hold that is over is
 * asked for anew, once. Throws Refusal; after silence the same may be asked again.
 */
export async function hold(what: string, wish: unknown, send: (key: string) => Promise<Answer | null | undefined>): Promise<Answer & { number: string; state: string }> {
  for (let turn = 0; ; turn += 1) {
    let told: Answer | null | undefined;
    try {
      told = await send(keyFor(what, wish));
      ensure(told?.errors);
    } catch (error) {
      if (error instanceof Refusal && (error.kind === "network" || error.kind === "broken")) throw new Refusal(error.message, error.kind, k.booking.lost);
      renewKey(what);
      throw error;
    }
    const state = (told?.state ?? "").toUpperCase();
    if (state === "HELD" || state === "HOLDING" || turn) return { ...told!, number: told!.number!, state };
    renewKey(what);
  }
}

/** To the page where the hold is paid; one that a supplier has not answered yet to its own page. */
export async function toPay(number: string, state: string): Promise<void> {
  if (state !== "HELD") {
    await router.replace({ name: "ticketOrder", params: { number } });
    return;
  }
  begin([], false, [], [{ number }]);
  await router.push({ name: "checkout" });
}

export const heldOrder = async (number: string): Promise<Held | null> => (await ask(HeldOrderDocument, { number })).ticketOrder ?? null;

export async function release(number: string): Promise<void> {
  ensure((await ask(HoldReleaseDocument, { number })).ticketHoldRelease?.errors);
}
