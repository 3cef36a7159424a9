import { beforeEach, expect, test, vi } from "vitest";
import { dayAfter, dayWords } from "../src/format";
import { kilometres } from "../src/placing";
import { drawing, lost, meant, takenUp, type Seat } from "../src/seating";
import { book, booking, keyFor, renewKey, toPerson, type WantedTicket } from "../src/state/trip";
import { codeAt, timeCode, usable } from "../src/vouchers";

beforeEach(() => vi.stubGlobal("localStorage", { getItem: () => null, setItem: () => undefined, removeItem: () => undefined }));

test("time codes are those of RFC 6238, appendix B (SHA-256, eight digits)", async () => {
  const secret = "3132333435363738393031323334353637383930313233343536373839303132";
  expect(await timeCode(secret, 59, 30, 8)).toBe("46119246");
  expect(await timeCode(secret, 1111111109, 30, 8)).toBe("68084774");
  expect(await timeCode(secret, 1234567890, 30, 8)).toBe("91819424");
  expect(await timeCode(secret, 20000000000, 30, 8)).toBe("77737706");
});

test("a code that rotates has its digits, another one is what was signed", async () => {
  const secret = "3132333435363738393031323334353637383930313233343536373839303132";
  expect(await codeAt({ qr: "1.a.b.c", rotating: true, secret, step: 30, digits: 8 }, 59_000)).toBe("1.a.b.c.46119246");
  expect(await codeAt({ qr: "1.a.b.c", rotating: false, secret: "", step: 30, digits: 8 }, 59_000)).toBe("1.a.b.c");
});

test("what an older version kept is not shown", () => {
  const good = { number: "V1", orderNumber: "T1", code: "1234", validUntil: "2026-12-01T00:00:00Z" };
  const theirs = { ...good, number: "V3", theirCodes: [{ code: "9876", qr: "SCENIC:9876" }], paper: null };
  const paper = { ...good, number: "V4", theirCodes: [], paper: { way: "on_site", words: "到换票窗口换取纸票" } };
  expect(usable([good, { number: "V2" }, null, 7, theirs, paper])).toEqual([{ ...good, theirCodes: [], paper: null }, theirs, paper]);
  expect(usable("nonsense")).toEqual([]);
});

const seat = (id: string, zone: string, line: number, place: number): Seat => ({ id, zone, line, place, label: id, category: "a", free: true });

test("zones stand one below the other, the narrow one in the middle, an aisle stays empty", () => {
  const told = drawing([seat("1", "池座", 1, 1), seat("2", "池座", 1, 2), seat("3", "池座", 2, 4), seat("4", "楼座", 7, 10), seat("5", "楼座", 7, 11)]);
  expect([told.width, told.height]).toEqual([40, 58]);
  expect(told.seats.map(({ id, x, y }) => [id, x, y])).toEqual([["1", 0, 14], ["2", 10, 14], ["3", 30, 24], ["4", 10, 48], ["5", 20, 48]]);
  expect(told.zones).toEqual([{ name: "池座", y: 10 }, { name: "楼座", y: 44 }]);
});

test("a finger means the nearest seat that may be had, as long as seats are smaller than it", () => {
  const { seats } = drawing([seat("1", "池座", 1, 1), seat("2", "池座", 1, 2), seat("3", "池座", 1, 9)]);
  const sold = ({ id }: Seat): boolean => id !== "1";
  // on the middle of the sold one: at 8 pixels a seat it is the neighbour, at 24 it is the sold one itself
  expect(meant(seats, 5, 19, 0.8, sold)?.id).toBe("2");
  expect(meant(seats, 5, 19, 2.4, sold)?.id).toBe("1");
  // in the aisle: nothing is within reach
  expect(meant(seats, 55, 19, 0.8, sold)).toBeNull();
  expect(meant(seats, 55, 19, 2.4, sold)).toBeNull();
  expect(meant(seats, 20, 23.9, 2.4, () => true)).toBeNull();
  expect(meant(seats, 19.9, 23.9, 2.4, () => true)?.id).toBe("2");
});

test("who comes back to the map finds the seats chosen that are still to be had", () => {
  const seats = [seat("1", "池座", 1, 1), { ...seat("2", "池座", 1, 2), free: false }, seat("3", "池座", 1, 3)];
  const wanted = [{ code: "vip", seat: { id: "3" } }, { code: "vip", seat: { id: "2" } }, { code: "b" }];
  expect(takenUp(wanted, seats)).toEqual([{ seat: seats[2], code: "vip" }]);
});

test("no seats, no drawing", () => {
  expect(drawing([])).toEqual({ width: 0, height: 0, seats: [], zones: [] });
});

test("chosen seats that somebody else took are found", () => {
  expect(lost([seat("1", "a", 1, 1), seat("2", "a", 1, 2)], ["2", "9"]).map(({ id }) => id)).toEqual(["1"]);
});

test("from Jiefangbei to Dazu it is about eighty kilometres", () => {
  const away = kilometres({ latitude: 29.5586, longitude: 106.5788 }, { latitude: 29.7486, longitude: 105.7956 });
  expect(away).toBeGreaterThan(75);
  expect(away).toBeLessThan(82);
  expect(kilometres({ latitude: 29, longitude: 106 }, { latitude: 29, longitude: 106 })).toBe(0);
});

test("days as people say them, months and years that end", () => {
  expect(dayWords("2026-12-03")).toBe("12月3日 周四");
  expect(dayAfter(1, "2026-12-31")).toBe("2027-01-01");
  expect(dayAfter(1, "2028-02-28")).toBe("2028-02-29");
});

test("the same wish has one number, another wish another", () => {
  const first = keyFor("admission", { a: 1 });
  expect(keyFor("admission", { a: 1 })).toBe(first);
  expect(keyFor("coach", { a: 1 })).not.toBe(first);
  const second = keyFor("admission", { a: 2 });
  expect(second).not.toBe(first);
  renewKey("admission");
  expect(keyFor("admission", { a: 2 })).not.toBe(second);
});

test("people stay with their tickets when the number changes, an offer with its product", () => {
  const ticket = (name: string): WantedTicket => ({ code: name, name, price: 1, realName: "EACH" });
  const wish = { product: "p", name: "", when: "", session: "", slot: "", day: "", waits: false };
  book({ ...wish, tickets: [ticket("a"), ticket("b")] });
  booking().tickets[0]!.person = { id: "1", name: "甲", words: "" };
  booking().waiting = "7";
  book({ ...wish, tickets: [ticket("a")] });
  expect(booking().tickets.map(({ person }) => person?.name)).toEqual(["甲"]);
  expect(booking().waiting).toBe("7");
  book({ ...wish, instead: "PW1", tickets: [ticket("a")] });
  expect(booking().waiting).toBe("");
  booking().waiting = "7";
  book({ ...wish, product: "q", tickets: [ticket("a")] });
  expect(booking().waiting).toBe("");
});

test("one who is kept is named by that alone", () => {
  expect(toPerson({ id: "x", savedId: "5", name: "甲", words: "" })).toEqual({ savedId: "5" });
  expect(toPerson({ id: "x", name: "甲", words: "", document: "PASSPORT", documentNumber: "E1", birth: "1990-01-01" })).toEqual({ name: "甲", document: "PASSPORT", documentNumber: "E1", birth: "1990-01-01", mobile: null });
});
