import { describe, expect, it } from "vitest";
import { toSend, type Field } from "../src/forms";
import { birthOf, isIdNumber, plateKeys } from "../src/papers";

describe("identity numbers", () => {
  it("takes one with a right check digit, however it is written", () => {
    // the example of GB 11643
    expect(isIdNumber("11010519491231002X")).toBe(true);
    expect(isIdNumber("１１０１０５ 19491231 002x")).toBe(true);
  });
  it("refuses a wrong digit, a day that is none, and anything else", () => {
    expect(isIdNumber("110105194912310021")).toBe(false);
    expect(isIdNumber("11010519490231002X")).toBe(false);
    expect(isIdNumber("")).toBe(false);
  });
  it("knows the birthday", () => {
    expect(birthOf("11010519491231002X")).toBe("1949-12-31");
    expect(birthOf("110105")).toBe("");
  });
});

describe("plates", () => {
  it("begin with a province and a letter, and have no I nor O", () => {
    expect(plateKeys(0)[0]).toBe("渝");
    expect(plateKeys(1)).not.toContain("1");
    expect(plateKeys(2)).not.toContain("O");
    expect(plateKeys(6)).toContain("警");
  });
});

describe("what a form sends", () => {
  const fields: Field[] = [
    { key: "kind", label: "", kind: "choice" },
    { key: "tax", label: "", kind: "text", when: (form) => form.kind === "COMPANY" },
    { key: "day", label: "", kind: "date" },
  ];
  it("leaves out what does not show, and says none for an empty date", () => {
    expect(toSend(fields, { kind: "PERSONAL", tax: "1", day: "" })).toEqual({ kind: "PERSONAL", day: null });
    expect(toSend(fields, { kind: "COMPANY", tax: " 1 ", day: "2026-01-02" })).toEqual({ kind: "COMPANY", tax: "1", day: "2026-01-02" });
  });
});
