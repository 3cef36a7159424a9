// What a shopper does with an order, from the list and from its page.
import { showConfirmDialog, showDialog, showToast } from "vant";
import { ask, ensure } from "./api/client";
import { OrderCancelDocument, OrderReceiveDocument, OrderReorderDocument } from "./api/generated";
import { router } from "./router";
import { putIn } from "./state/cart";
import { t } from "./texts";

const sure = (message: string): Promise<boolean> => showConfirmDialog({ message }).then(() => true, () => false);

/** Answers whether it was done; throws Refusal. */
export async function cancelOrder(number: string): Promise<boolean> {
  if (!(await sure(t.orders.cancelConfirm))) return false;
  ensure((await ask(OrderCancelDocument, { number })).myOrderCancel?.errors);
  showToast(t.orders.cancelled);
  return true;
}

/** Confirm that a part, or all of the order, has come. Answers whether it was done; throws Refusal. */
export async function receiveOrder(number: string, subOrder: string | null): Promise<boolean> {
  if (!(await sure(t.orders.receiveConfirm))) return false;
  ensure((await ask(OrderReceiveDocument, { number, subOrder })).myOrderReceive?.errors);
  showToast(t.orders.received);
  return true;
}

/** Put what can still be had back into the cart; what changed is said first. Throws Refusal. */
export async function reorder(number: string): Promise<void> {
  const { myOrderReorder: told } = await ask(OrderReorderDocument, { number });
  ensure(told?.errors);
  for (const line of told?.checkout?.lines ?? []) if (line) putIn(line.variant.id, line.quantity);
  const changes = (told?.changes ?? []).map(({ words }) => words).filter(Boolean);
  if (changes.length) await showDialog({ title: t.orders.reordered, message: changes.join("\n"), confirmButtonText: t.know });
  else showToast(t.orders.reordered);
  await router.push({ name: "cart" });
}
