import { expect, test } from "vitest";
import { places } from "../src/addresses";
import { addressLine, blocks, daysUntil, mobile, moment, paragraphs, yuan } from "../src/format";

test("money has two places, and nothing is nothing", () => {
  expect(yuan("99")).toBe("¥99.00");
  expect(yuan(0)).toBe("¥0.00");
  expect(yuan(null)).toBe("");
});

test("a mobile number however it is typed", () => {
  expect(mobile("１３８ 0013-8000")).toBe("13800138000");
  expect(mobile("+86 138 0013 8000")).toBe("13800138000");
  expect(mobile("8613800138000")).toBe("13800138000");
  expect(mobile("86138")).toBe("86138");
});

test("a moment is Shanghai's, wherever the telephone is", () => {
  expect(moment("2026-11-28T16:30:00+00:00")).toBe("2026-11-29 00:30");
});

test("a municipality is said once", () => {
  const at = { countryArea: "重庆市", city: "渝中区", cityArea: "", streetAddress1: "中山四路1号" };
  expect(addressLine(at)).toBe("重庆市渝中区中山四路1号");
  expect(addressLine({ ...at, city: "重庆市", cityArea: "渝中区" })).toBe("重庆市渝中区中山四路1号");
});

test("the editor's blocks, or the plain text where there are none", () => {
  expect(paragraphs('{"blocks":[{"text":" 甲 "},{"text":""},{"text":"乙"}]}', "丙")).toEqual(["甲", "乙"]);
  expect(paragraphs("{}", "丙\n\n丁")).toEqual(["丙", "丁"]);
  expect(paragraphs("not json", "丙")).toEqual(["丙"]);
});

test("each place once, though the rules name it in two scripts", () => {
  expect(places([{ raw: "重庆市" }, { raw: "重庆市" }, null, { raw: "" }, { raw: "广东省" }])).toEqual(["重庆市", "广东省"]);
});

test("the few marks of a document", () => {
  expect(blocks("# 协议\n\n- **甲**：乙\n丙")).toEqual([
    { kind: "h1", pieces: [{ text: "协议", strong: false }] },
    { kind: "li", pieces: [{ text: "甲", strong: true }, { text: "：乙", strong: false }] },
    { kind: "p", pieces: [{ text: "丙", strong: false }] },
  ]);
});

test("days are days of the calendar here", () => {
  const tomorrow = new Date(Date.now() + 8 * 3_600_000 + 86_400_000).toISOString().slice(0, 10);
  expect(daysUntil(tomorrow)).toBe(1);
});
