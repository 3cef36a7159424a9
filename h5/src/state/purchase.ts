// What is being bought right now: lines from the cart or one thing bought at once, and the request's own number.
import { reactive } from "vue";
import { randomKey } from "./storage";

export interface Wanted {
  variantId: string;
  quantity: number;
}

export interface Held {
  number: string;
  origin?: string;
  target?: string;
}

export const purchase = reactive({
  lines: [] as Wanted[],
  fromCart: false,
  /** One order per key: sending again after a lost answer gives the same order. */
  key: "",
  addressId: "",
  methodId: "",
  note: "",
  promoCode: "",
  /** Numbers of the coupons in use: the platform's best until somebody chose by hand. */
  coupons: [] as string[],
  couponsByHand: false,
  /** Points to use; 0 for none. */
  points: 0,
  /** Use a free delivery of one's membership. */
  freight: false,
  /** What else lowers it, as the page that began it knows: the quote of an upgrade. */
  extra: [] as { source: string; values: string[] }[],
  /** Seats and tickets that are held: numbers of ticket orders; of a change the orders from which and to which it goes. */
  holds: [] as Held[],
});

export function begin(lines: Wanted[], fromCart: boolean, extra: { source: string; values: string[] }[] = [], holds: Held[] = []): void {
  Object.assign(purchase, { lines: lines.map(({ variantId, quantity }) => ({ variantId, quantity })), fromCart, key: randomKey(), methodId: "", note: "", promoCode: "", coupons: [], couponsByHand: false, points: 0, freight: false, extra, holds });
}

/** Something in the basket changed: what is sent now is another order. */
export function renew(): void {
  purchase.key = randomKey();
}
