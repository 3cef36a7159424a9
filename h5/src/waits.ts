// Waiting for tickets that are sold out.
import { showConfirmDialog, showToast } from "vant";
import "vant/es/dialog/style";
import "vant/es/toast/style";
import { postageOf } from "./addresses";
import { ask, ensure, Refusal } from "./api/client";
import { AdmissionDocument, AdmissionSlotsDocument, AdmissionWaitDocument, type WaitingRowFragment } from "./api/generated";
import { dayWords, moment } from "./format";
import { router } from "./router";
import { session } from "./state/session";
import { book, booking } from "./state/trip";
import { k } from "./ticketTexts";
import { toLogin } from "./use";

export interface WaitFor {
  product: string;
  ticketClass: string;
  quantity: number;
  session?: string | null;
  slot?: string | null;
  day?: string | null;
}

/** Ask, and register. Throws the platform's refusal. */
export async function waitFor(wish: WaitFor): Promise<void> {
  if (!session.token) return toLogin();
  if (!(await showConfirmDialog({ message: k.booking.waitAsk, confirmButtonText: k.booking.waitFor(wish.quantity) }).then(() => true, () => false))) return;
  ensure((await ask(AdmissionWaitDocument, wish)).admissionWait?.errors);
  showToast(k.booking.waited);
}

/** The time that somebody waits for, as people say it. */
export const waitsFor = (one: WaitingRowFragment): string => one.startsAt ? moment(one.startsAt) : [one.day && dayWords(one.day), one.slotTime].filter(Boolean).join(" ");

/**
 * Take an offer: what is kept for him is sold out for everybody, so nothing has to be chosen any more. On to the page
 * where it is said who comes. Throws Refusal where the product is gone.
 */
export async function takeOffer(one: WaitingRowFragment): Promise<void> {
  const { admissionProduct: product } = await ask(AdmissionDocument, { code: one.productCode });
  const kind = product?.classes.find(({ code }) => code === one.classCode);
  if (!product || !kind) throw new Refusal(k.detail.gone, "refused");
  const slots = one.slotId && one.day ? ((await ask(AdmissionSlotsDocument, { code: one.productCode, day: one.day })).admissionProduct?.slots ?? []) : [];
  const at = one.sessionId ? product.sessions.find(({ id }) => id === one.sessionId) : one.slotId ? slots.find(({ id }) => id === one.slotId) : product.calendar.find(({ day }) => day === one.day);
  const price = Number(at?.classes.find(({ code }) => code === one.classCode)?.price ?? kind.price);
  const ticket = { code: kind.code, name: kind.name, price, realName: kind.realName, postage: postageOf(kind) };
  book({
    product: product.code, name: product.name, when: waitsFor(one), session: one.sessionId ?? "", slot: one.slotId ?? "", day: one.day ?? "",
    tickets: Array.from({ length: one.quantity }, () => ({ ...ticket })), waits: false,
  });
  booking().waiting = one.id;
  await router.push({ name: "booking" });
}
