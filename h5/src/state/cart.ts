// The basket lives on the device: which goods, how many, ticked or not. Prices and stock are always asked.
import { computed, reactive, watch } from "vue";
import { keep, recall } from "./storage";

export interface CartLine {
  variantId: string;
  quantity: number;
  chosen: boolean;
}

/** Stock's limit for one line of a checkout. */
export const MOST_OF_ONE = 50;
/** Kinds of goods in one basket. */
export const MOST_KINDS = 100;

export const cart = reactive({ lines: usable(recall<unknown>("cart", [])) });

watch(() => cart.lines, (lines) => keep("cart", lines), { deep: true });

export const cartCount = computed(() => cart.lines.reduce((sum, line) => sum + line.quantity, 0));
export const chosenLines = computed(() => cart.lines.filter((line) => line.chosen));

/** Only well-formed lines survive: storage may hold what an older version wrote. */
export function usable(kept: unknown): CartLine[] {
  if (!Array.isArray(kept)) return [];
  return kept
    .filter((line) => typeof line?.variantId === "string" && Number.isInteger(line?.quantity) && line.quantity > 0)
    .slice(0, MOST_KINDS)
    .map((line) => ({
      variantId: line.variantId, quantity: Math.min(line.quantity, MOST_OF_ONE), chosen: line.chosen !== false,
    }));
}

/** Put goods in; the newest first. Answers false when the basket holds as many kinds, or as many of this, as it may. */
export function putIn(variantId: string, quantity: number): boolean {
  const line = cart.lines.find((one) => one.variantId === variantId);
  if (line) {
    const wanted = line.quantity + quantity;
    line.quantity = Math.min(wanted, MOST_OF_ONE);
    line.chosen = true;
    return wanted <= MOST_OF_ONE;
  }
  if (cart.lines.length >= MOST_KINDS) return false;
  cart.lines.unshift({ variantId, quantity: Math.min(quantity, MOST_OF_ONE), chosen: true });
  return true;
}

export function takeOut(variantIds: readonly string[]): void {
  cart.lines = cart.lines.filter((line) => !variantIds.includes(line.variantId));
}
