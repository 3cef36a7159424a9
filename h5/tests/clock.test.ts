import { afterEach, expect, test, vi } from "vitest";
import { heard, now } from "../src/clock";
import { dayAfter, daysUntil, until } from "../src/format";

afterEach(() => { vi.useRealTimers(); heard("Tue, 01 Dec 2026 00:00:00 GMT", Date.parse("2026-12-01T00:00:00.500Z"), Date.parse("2026-12-01T00:00:00.500Z")); });

test("a phone that is a quarter of an hour ahead still sees a hold's minutes", () => {
  vi.useFakeTimers({ now: Date.parse("2026-12-01T00:15:00Z") });
  expect(until("2026-12-01T00:10:00Z")).toBe(0);
  heard("Tue, 01 Dec 2026 00:00:00 GMT", Date.now() - 200, Date.now());
  expect(now()).toBe(Date.parse("2026-12-01T00:00:00.600Z"));
  expect(until("2026-12-01T00:10:00Z")).toBe(599_400);
});

test("whole seconds and slow lines are no wrong clock, nonsense is not heard", () => {
  vi.useFakeTimers({ now: Date.parse("2026-12-01T00:00:04Z") });
  heard("Tue, 01 Dec 2026 00:00:00 GMT", Date.now(), Date.now());
  expect(now()).toBe(Date.now());
  heard("Tue, 01 Dec 2026 00:00:00 GMT", Date.now() - 20_000, Date.now() + 20_000);
  expect(now()).toBe(Date.now());
  for (const nonsense of [null, "", "yesterday"]) heard(nonsense, Date.now() - 1_000_000, Date.now());
  expect(now()).toBe(Date.now());
});

test("today is the platform's, whatever day the phone thinks it is", () => {
  vi.useFakeTimers({ now: Date.parse("2026-11-28T09:00:00Z") });
  expect(dayAfter(0)).toBe("2026-11-28");
  // half past eleven in the evening, and a quarter of an hour after midnight, in Chongqing
  heard("Tue, 01 Dec 2026 15:30:00 GMT", Date.now(), Date.now());
  expect([dayAfter(0), dayAfter(1), daysUntil("2026-12-02")]).toEqual(["2026-12-01", "2026-12-02", 1]);
  heard("Tue, 01 Dec 2026 16:15:00 GMT", Date.now(), Date.now());
  expect([dayAfter(0), daysUntil("2026-12-02")]).toEqual(["2026-12-02", 0]);
});
