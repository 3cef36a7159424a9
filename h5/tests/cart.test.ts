import { beforeEach, expect, test } from "vitest";
import { cart, cartCount, MOST_KINDS, MOST_OF_ONE, putIn, takeOut, usable } from "../src/state/cart";

beforeEach(() => { cart.lines = []; });

test("the same goods twice are one line", () => {
  expect(putIn("a", 1)).toBe(true);
  expect(putIn("a", 2)).toBe(true);
  expect(cart.lines).toEqual([{ variantId: "a", quantity: 3, chosen: true }]);
  expect(cartCount.value).toBe(3);
});

test("a line holds fifty, and says when it is full", () => {
  putIn("a", MOST_OF_ONE - 1);
  expect(putIn("a", 2)).toBe(false);
  expect(cart.lines[0]!.quantity).toBe(MOST_OF_ONE);
});

test("a basket holds a hundred kinds", () => {
  for (let n = 0; n < MOST_KINDS; n++) putIn(`v${n}`, 1);
  expect(putIn("one more", 1)).toBe(false);
  expect(cart.lines).toHaveLength(MOST_KINDS);
});

test("what was bought is taken out, the rest stays", () => {
  putIn("a", 1);
  putIn("b", 1);
  takeOut(["a"]);
  expect(cart.lines.map(({ variantId }) => variantId)).toEqual(["b"]);
});

test("whatever the device kept, only well-formed lines come back", () => {
  expect(usable("broken")).toEqual([]);
  expect(usable([{ variantId: "a", quantity: 0 }, { variantId: 7, quantity: 1 }, null, { variantId: "b", quantity: 99, chosen: false }]))
    .toEqual([{ variantId: "b", quantity: MOST_OF_ONE, chosen: false }]);
});
