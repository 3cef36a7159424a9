import { beforeEach, expect, test, vi } from "vitest";
import { contact, mobileOf } from "../src/state/trip";

beforeEach(() => vi.stubGlobal("localStorage", { getItem: () => null, setItem: () => undefined, removeItem: () => undefined }));

const whom = { name: "", mobile: "", own: "", other: true };

test("a member's own number goes out as none: the platform knows it, the phone only its mask", () => {
  expect(mobileOf({ ...whom, own: "139****1234", other: false })).toBe("");
  expect(mobileOf({ ...whom, own: "139****1234", other: false, mobile: "13800000001" })).toBe("");
});

test("another number is typed as ever, and the mask is none", () => {
  expect(mobileOf({ ...whom, own: "139****1234", mobile: "+86 138 0000 0001" })).toBe("13800000001");
  for (const mobile of ["", "139****1234", "1380000000"]) expect(mobileOf({ ...whom, mobile })).toBeNull();
});

test("until something is known the number is typed", () => {
  expect([contact().other, mobileOf(contact())]).toEqual([true, null]);
});
