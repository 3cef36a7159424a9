import { expect, test } from "vitest";
import { choosable, optionsOf, variantOf, type Spec } from "../src/specs";

const RED_S: Spec = { id: "1", name: "红 S", available: 2, values: { colour: "red", size: "s" } };
const RED_L: Spec = { id: "2", name: "红 L", available: 0, values: { colour: "red", size: "l" } };
const BLUE_S: Spec = { id: "3", name: "蓝 S", available: 5, values: { colour: "blue", size: "s" } };
const ALL = [RED_S, RED_L, BLUE_S];

test("a variant is meant when every row is chosen", () => {
  expect(variantOf(ALL, ["colour", "size"], { colour: "red" })).toBeUndefined();
  expect(variantOf(ALL, ["colour", "size"], { colour: "blue", size: "s" })).toBe(BLUE_S);
  expect(variantOf(ALL, ["colour", "size"], { colour: "blue", size: "l" })).toBeUndefined();
});

test("without attributes: the only one, or the one that was picked", () => {
  expect(variantOf([RED_S], [], {})).toBe(RED_S);
  expect(variantOf(ALL, [], {})).toBeUndefined();
  expect(variantOf(ALL, [], { _: "3" })).toBe(BLUE_S);
});

test("what nobody can have cannot be tapped", () => {
  expect(choosable(ALL, "size", "l")).toBe(false);
  expect(choosable(ALL, "colour", "red")).toBe(true);
});

test("rows and values in the order in which variants name them", () => {
  const variant = (colour: string) => ({ id: colour, attributes: [{ attribute: { id: "c", name: "颜色" }, values: [{ id: colour, name: colour }] }] });
  expect(optionsOf([variant("b"), variant("a"), variant("b")])).toEqual([
    { id: "c", name: "颜色", values: [{ id: "b", name: "b" }, { id: "a", name: "a" }] },
  ]);
});
