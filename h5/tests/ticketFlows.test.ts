import { beforeEach, expect, test, vi } from "vitest";
import { onlyByLot, type Draw } from "../src/draws";
import { choicesOf } from "../src/insuring";
import { nextLook } from "../src/queues";
import { comesBack, doorWords, gateWords, headline, mayChange, openChange, priceWords, seatWords, serviceWords, spanWords, startWords, ticketWords, whoWords, withCarried, type Change } from "../src/standing";
import { askAgain, takeAgain } from "../src/state/trip";

beforeEach(() => vi.stubGlobal("localStorage", { getItem: () => null, setItem: () => undefined, removeItem: () => undefined }));

const change = (state: Change["state"]): Change => ({ number: "C1", origin: "A", target: "B", orderNumber: "", state, title: "待补差价", toPay: 12.5, back: 0, payBy: null, why: "" });

test("a change that is not decided belongs to the new order, not to the old one", () => {
  for (const state of ["ASKED", "AT_SUPPLIER", "TO_PAY"] as const) {
    expect(openChange("B", [change(state)])?.state).toBe(state);
    expect(openChange("A", [change(state)])).toBeUndefined();
  }
  for (const state of ["DONE", "REFUSED", "CLOSED"] as const) expect(openChange("B", [change(state)])).toBeUndefined();
});

test("what went back altogether is not called issued", () => {
  const order = (...states: ("ISSUED" | "REFUNDED" | "USED")[]) => ({ state: "ISSUED" as const, stateLabel: "已出票", tickets: states.map((state) => ({ state, stateLabel: { ISSUED: "待使用", REFUNDED: "已退票", USED: "已使用" }[state] })) });
  expect(headline(order("ISSUED", "ISSUED"))).toBe("已出票");
  expect(headline(order("REFUNDED", "REFUNDED"))).toBe("已退票");
  expect(headline(order("USED"))).toBe("已使用");
  expect(headline(order("ISSUED", "REFUNDED"))).toBe("部分退票");
  expect(headline(order("ISSUED", "USED"))).toBe("已出票");
  expect(headline({ state: "HELD", stateLabel: "待支付", tickets: [] })).toBe("待支付");
  expect(headline({ state: "HELD", stateLabel: "待支付", tickets: [] }, change("ASKED"))).toBe("改签处理中");
  expect(headline({ state: "HELD", stateLabel: "待支付", tickets: [] }, change("TO_PAY"))).toBe("待补差价");
});

test("whole days are days, the end of one is that day; hours stay hours", () => {
  expect(spanWords("2026-12-01T00:00:00+08:00", "2026-12-02T00:00:00+08:00")).toBe("2026-12-01 当天");
  expect(spanWords("2026-11-30T16:00:00Z", "2026-12-03T16:00:00Z")).toBe("2026-12-01 至 2026-12-03");
  expect(spanWords("2026-12-01T17:30:00+08:00", "2026-12-01T22:00:00+08:00")).toBe("2026-12-01 17:30–22:00");
  expect(spanWords("2026-12-31T22:30:00+08:00", "2027-01-01T01:00:00+08:00")).toBe("2026-12-31 22:30 – 2027-01-01 01:00");
});

test("a visit of a whole day begins on that day, what leaves at midnight leaves then", () => {
  expect(startWords({ trade: "SCENIC", startsAt: "2026-12-09T16:00:00Z" })).toBe("2026-12-10");
  expect(startWords({ trade: "SCENIC", startsAt: "2026-12-10T10:00:00+08:00" })).toBe("2026-12-10 10:00");
  expect(startWords({ trade: "COACH", startsAt: "2026-12-09T16:00:00Z" })).toBe("2026-12-10 00:00");
});

test("what a price holds besides the ticket is named", () => {
  expect(serviceWords({ trade: "SCENIC", service: 12 })).toBe("票价含邮费");
  expect(serviceWords({ trade: "COACH", service: "3.00" })).toBe("票价含服务费");
  expect(serviceWords({ trade: "SHOW", service: "0.00" })).toBe("");
});

test("a number is a coach's seat, a name stays a name", () => {
  expect(["3", "池座3排12座", ""].map(seatWords)).toEqual(["3 号座", "池座3排12座", ""]);
});

test("every ticket is named, also one for which nothing is wanted any more", () => {
  expect(choicesOf(["T1", "T10"], ["T1 coach", "T10 coach", "T1 delay"])).toEqual([{ ticket: "T1", products: ["coach", "delay"] }, { ticket: "T10", products: ["coach"] }]);
  expect(choicesOf(["T1"], [])).toEqual([{ ticket: "T1", products: [] }]);
});

test("the nearer the turn the sooner the next look, never more often than every two seconds", () => {
  expect([0, 4000, 40_000, 600_000].map(nextLook)).toEqual([2000, 2000, 10_000, 30_000]);
});

test("what only the lot gives is so in its own session, until the rest is sold to all", () => {
  const draw = (sessionId: string, classCode: string, sellsFreely = false) => ({ sessionId, classCode, sellsFreely }) as Draw;
  const all = [draw("1", "a"), draw("1", "b", true), draw("2", "c")];
  expect([...onlyByLot(all, "1")]).toEqual(["a"]);
  expect([...onlyByLot(undefined, "1")]).toEqual([]);
});

test("a hold is asked for again once", () => {
  expect(takeAgain()).toBe(false);
  askAgain();
  expect([takeAgain(), takeAgain()]).toEqual([true, false]);
});

test("children that ride along go where their grown-ups go, and nowhere alone", () => {
  const all = [{ number: "T1", carriedBy: null }, { number: "T2", carriedBy: "T1" }, { number: "T3", carriedBy: null }];
  expect(withCarried(all, ["T1"])).toEqual(["T1", "T2"]);
  expect(withCarried(all, ["T3"])).toEqual(["T3"]);
  expect(withCarried(all, ["T2"])).toEqual([]);
});

test("a ticket is changed by a rule of its sale, a coach's always, and none that was used or given back", () => {
  const one = { state: "ISSUED", used: 0, back: 0, changeRule: [] } as unknown as Parameters<typeof mayChange>[0];
  expect([mayChange(one, true), mayChange(one, false), mayChange({ ...one, changeRule: ["x"] }, false)]).toEqual([true, false, true]);
  expect([mayChange({ ...one, used: 1 }, true), mayChange({ ...one, back: 1 }, true), mayChange({ ...one, state: "USED" }, true)]).toEqual([false, false, false]);
  expect(ticketWords({ fareName: "全票", seat: "7", passenger: null, segment: { position: 0, title: "甲 → 乙" } })).toBe("全票 7 号座 ");
  expect(ticketWords({ fareName: "全票", seat: "7", passenger: null, segment: { position: 2, title: "乙 → 甲" } })).toBe("乙 → 甲 全票 7 号座 ");
});

test("a gate is called a gate once", () => {
  expect(["4号检票口", "4", "B2", ""].map(gateWords)).toEqual(["4号检票口", "检票口 4", "检票口 B2", ""]);
});

test("two of a family with masked names are told apart by their documents", () => {
  const whole = { number: "500***********7076", name: "周**", document: "居民身份证", type: "ID_CARD" };
  const shown = [whole, { ...whole, number: "500***********3130" }, { ...whole, number: "E1234" }, { ...whole, number: "***" }, null, undefined].map(whoWords);
  expect(shown).toEqual(["周** 尾号 7076", "周** 尾号 3130", "周**", "周**", "", ""]);
  expect(ticketWords({ fareName: "全票", seat: "3", passenger: whole as never, segment: { position: 0, title: "" } })).toBe("全票 3 号座 周** 尾号 7076");
});

test("what was refused or taken back is not due", () => {
  const states = ["ASKED", "MERCHANT", "AUDIT", "PAYING", "DONE", "REFUSED", "WITHDRAWN"];
  expect(states.filter((state) => comesBack({ state }))).toEqual(["ASKED", "MERCHANT", "AUDIT", "PAYING", "DONE"]);
});

test("where paper lets in, the way to the vouchers says so and how it comes", () => {
  const usable = { standing: "usable", paper: null };
  const posted = { standing: "usable", paper: { way: "mail" } };
  expect(doorWords([usable])).toEqual(["电子门票", "没有网络也能打开"]);
  expect(doorWords([usable, posted])).toEqual(["凭纸票入场", "请带上寄到的纸票入场，这里可查寄送进度"]);
  expect(doorWords([{ standing: "usable", paper: { way: "on_site" } }])).toEqual(["凭纸票入场", "先到窗口出示换票码，换取纸票后入场"]);
  expect(doorWords([{ ...posted, standing: "void" }, usable])[0]).toBe("电子门票");
});

test("a price is told with all that it is made of", () => {
  const parts = [{ label: "票价", amount: 56 }, { label: "燃油附加费", amount: 3.5 }, { label: "站务费", amount: 2 }];
  expect(priceWords({ price: 63.5, service: 2, parts })).toBe("票价 ¥56.00，燃油附加费 ¥3.50，站务费 ¥2.00，服务费 ¥2.00");
  expect(priceWords({ price: 61.5, service: 0, parts })).toBe("票价 ¥56.00，燃油附加费 ¥3.50，站务费 ¥2.00");
  expect(priceWords({ price: 12.3, service: 2, parts: [] })).toBe("票价 ¥10.30，服务费 ¥2.00");
  expect(priceWords({ price: 10.3, service: 0, parts: [] })).toBe("");
  expect(priceWords({ price: 162, service: 12, parts: [] }, "SHOW")).toBe("票价 ¥150.00，邮费 ¥12.00");
});
