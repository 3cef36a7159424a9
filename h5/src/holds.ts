// From a wish to a hold to the page where it is paid.
import { ask, ensure, unsure } from "./api/client";
import { ChangePayDocument, HeldOrderDocument, HoldReleaseDocument, type HeldOrderQuery } from "./api/generated";
import { accessTo, admit, admitChange } from "./guests";
import { router } from "./router";
import { begin } from "./state/purchase";
import { keyFor, renewKey } from "./state/trip";
import { k } from "./ticketTexts";

export interface Answer {
  number?: string | null;
  state?: string | null;
  total?: number | null;
  seats?: readonly string[] | null;
  errors: readonly { code: string; field?: string | null; message: string; hint?: string | null; total?: number | null }[];
}

export type Held = NonNullable<HeldOrderQuery["ticketOrder"]>;

/**
 * Ask for a hold under the wish's own number: asked again in the same words it is the same hold. A hold that is over is
 * asked for anew, once. Throws Refusal; after silence the same may be asked again.
 */
export async function hold(what: string, wish: unknown, send: (key: string) => Promise<Answer | null | undefined>): Promise<Answer & { number: string; state: string; key: string }> {
  for (let turn = 0; ; turn += 1) {
    let told: Answer | null | undefined;
    const key = keyFor(what, wish);
    try {
      told = await send(key);
      ensure(told?.errors);
    } catch (error) {
      const silent = unsure(error, k.booking.lost);
      if (silent) throw silent;
      renewKey(what);
      throw error;
    }
    const state = (told?.state ?? "").toUpperCase();
    if (state === "HELD" || state === "HOLDING" || turn) return { ...told!, number: told!.number!, state, key };
    renewKey(what);
  }
}

/**
 * As `hold`, for no more than the page showed: what costs more now is not held but asked about, with both sums. Null:
 * given up. `most` is the sum as it is sent.
 */
export async function holdAtMost(
  what: string, wish: object, total: number, send: (key: string, most: number) => Promise<Answer | null | undefined>, agree: (was: number, now: number) => Promise<boolean>,
): Promise<Awaited<ReturnType<typeof hold>> | null> {
  for (let most = total; ; ) {
    let now = 0;
    try {
      return await hold(what, { ...wish, most }, async (key) => {
        const told = await send(key, most);
        const risen = told?.errors.find(({ code }) => code === "PRICE_CHANGED");
        now = risen ? Number(risen.total ?? told!.total ?? 0) : 0;
        return told;
      });
    } catch (error) {
      if (now <= most) throw error;
      if (!(await agree(most, now))) return null;
      most = now;
    }
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

/** To the page where it is said what a change costs: `held` under `key` in the place of some tickets of `instead`. */
export async function toChange(instead: string, held: string, key: string, tickets: string): Promise<void> {
  admitChange(instead, held, key);
  await router.replace({ name: "ticketChange", params: { number: instead }, query: { target: held, tickets } });
}

const CHANGE = "ticket_changes:";
/** The number of the change that a line in the basket pays for; "" for a hold. */
export const changeOf = (hold: string): string => (hold.startsWith(CHANGE) ? hold.slice(CHANGE.length) : "");

/** What a change from one order to another costs more, as what is bought next; then to the checkout. */
export const beginChange = (number: string, origin: string, target: string): void => begin([], false, [], [{ number: CHANGE + number, origin, target }]);

/** To where the difference of a change is paid: a member's checkout, or a guest's cashier at once. `ordered`: the order
 * that pays it, where there is one already. */
export async function payChange(number: string, origin: string, target: string, ordered?: string | null): Promise<void> {
  const { token } = accessTo(origin);
  if (token) {
    const { ticketChangePay: told } = await ask(ChangePayDocument, { number, token });
    ensure(told?.errors);
    admit(told!.orderNumber!, { token: told!.orderToken!, of: target });
    return void (await router.replace({ name: "cashier", params: { number: told!.orderNumber! } }));
  }
  if (ordered) return void (await router.push({ name: "cashier", params: { number: ordered } }));
  beginChange(number, origin, target);
  await router.push({ name: "checkout" });
}

export const heldOrder = async (number: string): Promise<Held | null> => (await ask(HeldOrderDocument, { number, ...accessTo(number) })).ticketOrder ?? null;

export async function release(number: string): Promise<void> {
  ensure((await ask(HoldReleaseDocument, { number, key: accessTo(number).key ?? null })).ticketHoldRelease?.errors);
}
