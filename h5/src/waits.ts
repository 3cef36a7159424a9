// Waiting for tickets that are sold out.
import { showConfirmDialog, showToast } from "vant";
import "vant/es/dialog/style";
import "vant/es/toast/style";
import { ask, ensure } from "./api/client";
import { AdmissionWaitDocument } from "./api/generated";
import { session } from "./state/session";
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
