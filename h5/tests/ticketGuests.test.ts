import { beforeEach, expect, test, vi } from "vitest";
import { accessOf, accessTo, acts, admit, admitChange, isGuests, opened, ticketOrderOf } from "../src/guests";
import { usablePasses } from "../src/passes";
import { dayAgain, inPlace, sameAgain } from "../src/again";
import type { WantedTicket } from "../src/state/trip";
import { forgetVouchers, keepVouchers, keptVouchers, type Voucher } from "../src/vouchers";

const kept = new Map<string, string>();
beforeEach(() => {
  kept.clear();
  vi.stubGlobal("localStorage", { getItem: (name: string) => kept.get(name) ?? null, setItem: (name: string, text: string) => kept.set(name, text), removeItem: (name: string) => kept.delete(name) });
});

test("a link brings a key or a token behind #, and nothing else", () => {
  expect(accessOf("#key=abc-123")).toEqual({ key: "abc-123" });
  expect(accessOf("#token=t0&x=1")).toEqual({ token: "t0" });
  expect(accessOf("#somewhere")).toBeNull();
  expect(accessOf("")).toBeNull();
});

test("a guest's link opens his order, and what is known of it already stays", () => {
  expect(opened("PW1", "#key=k1")).toBe(true);
  expect(accessTo("PW1")).toEqual({ key: "k1" });
  // a pass is more than a key
  admit("PW2", { token: "t2", of: "PT2" });
  expect(opened("PW2", "#key=k2")).toBe(true);
  expect([accessTo("PW2"), ticketOrderOf("PW2")]).toEqual([{ key: "k2", token: "t2" }, "PT2"]);
  // nor does it make the pass of an hour one without an end
  admit("PW4", { token: "t4", until: new Date(Date.now() - 1).toISOString() });
  opened("PW4", "#key=k4");
  expect(accessTo("PW4")).toEqual({ key: "k4" });
  opened("PW4", "#token=t5");
  expect(accessTo("PW4")).toEqual({ key: "k4", token: "t5" });
  expect([opened("PW3", "#top"), opened("", "#key=k"), opened("PW3", ""), isGuests("PW3")]).toEqual([false, false, false, false]);
});

test("what opens an order is its own, and goes with the vouchers when somebody logs out", () => {
  admit("PW1", { token: "t1" });
  admit("PW2", { key: "k2" });
  expect([accessTo("PW1"), accessTo("PW2"), accessTo("PW3")]).toEqual([{ token: "t1" }, { key: "k2" }, {}]);
  forgetVouchers();
  expect(accessTo("PW1")).toEqual({});
  expect([...kept.keys()]).toEqual([]);
});

test("a pass of an hour opens until it ends, and the order is known after it", () => {
  admit("PW1", { token: "t1", until: new Date(Date.now() + 60_000).toISOString() });
  admit("PW2", { key: "k2", token: "t2", until: new Date(Date.now() - 1).toISOString() });
  expect([accessTo("PW1"), acts("PW1"), isGuests("PW1")]).toEqual([{ token: "t1" }, true, true]);
  expect([accessTo("PW2"), acts("PW2"), isGuests("PW2"), isGuests("PW3")]).toEqual([{ key: "k2" }, false, true, false]);
});

test("what is held in an order's place is opened by its key and the same pass; a member's by none", () => {
  admit("PW1", { token: "t1" });
  admitChange("PW1", "PW2", "k2");
  admitChange("PW9", "PW8", "k8");
  expect([accessTo("PW2"), isGuests("PW8")]).toEqual([{ key: "k2", token: "t1" }, false]);
});

test("twenty guests' orders are opened, the oldest is let go", () => {
  for (let n = 0; n < 21; n += 1) admit(`PW${n}`, { key: `k${n}` });
  expect([accessTo("PW0"), accessTo("PW1"), accessTo("PW20")]).toEqual([{}, { key: "k1" }, { key: "k20" }]);
  kept.set("o2o.h5.guests", "[1]");
  expect(accessTo("PW1")).toEqual({});
});

test("a link to a file is not kept, nor a voucher without a code", () => {
  const one = { number: "V1", orderNumber: "PW1", code: "1234", validUntil: "2999-01-01T00:00:00Z", pdfUrl: "https://example.com/x", kept: { qr: "1.a", rotating: false, secret: "", step: 30, digits: 8 }, theirCodes: [] as Voucher["theirCodes"] } as Voucher;
  keepVouchers("PW1", [one, { ...one, number: "V2", kept: null }]);
  expect(keptVouchers("PW1").map(({ number, pdfUrl }) => [number, pdfUrl])).toEqual([["V1", ""]]);
});

test("what an older version kept of passes is not shown", () => {
  const good = { ticket: "P1", orderNumber: "PW1", code: "KP1.P1.x", last: "2026-12-01T00:00:00Z" };
  expect(usablePasses([good, { ticket: "P2" }, null])).toEqual([good]);
  expect(usablePasses({})).toEqual([]);
});

const old = [{ number: "T1", fare: "adult", passenger: { name: "测***" } }, { number: "T2", fare: "adult", passenger: null }] as never as Parameters<typeof sameAgain>[0];
const left = (code: string, many: number, open = true) => ({ code, name: "成人票", price: 125, left: many, open });

test("the same tickets at another time, where they are all to be had", () => {
  expect(sameAgain(old, [left("child", 9), left("adult", 2)]).map((one) => [one.code, one.price, one.old])).toEqual([["adult", 125, { number: "T1", name: "测***" }], ["adult", 125, { number: "T2", name: "" }]]);
  expect(sameAgain(old, [left("adult", 1)])).toEqual([]);
  expect(sameAgain(old, [left("adult", 9, false)])).toEqual([]);
  expect(sameAgain(old, [left("child", 9)])).toEqual([]);
});

test("who changes sees what his own tickets cost on a day, not the child's", () => {
  const day = { day: "2026-12-05", priceFrom: 62.5, classes: [{ ...left("child", 9), price: 62.5 }, left("adult", 2)] };
  expect(dayAgain(old, day)).toEqual({ ...day, priceFrom: 125 });
  expect(dayAgain(old, { ...day, classes: [left("child", 9), left("adult", 1)] }).priceFrom).toBeNull();
});

test("as many seats as tickets, one for one", () => {
  const seat = (id: string): WantedTicket => ({ code: "b", name: "B 区", price: 180, realName: "EACH", seat: { id, label: id } });
  expect(inPlace(old, [seat("1")])).toEqual([]);
  expect(inPlace(old, [seat("1"), seat("2")]).map((one) => [one.seat?.id, one.old?.number, one.realName])).toEqual([["1", "T1", "NONE"], ["2", "T2", "NONE"]]);
});
