import { expect, test, vi } from "vitest";

vi.mock("../src/router", () => ({ router: {} }));
vi.mock("../src/use", () => ({ toLogin: () => undefined }));
vi.mock("vant", () => ({ showToast: () => undefined }));
vi.stubGlobal("localStorage", { getItem: () => null, setItem: () => undefined, removeItem: () => undefined });
vi.stubGlobal("navigator", { userAgent: "" });

const { meaningOf } = await import("../src/scanning");
const HERE = "https://o2o.example";

test("what a code means, and that other sites are not opened", () => {
  expect(meaningOf(`${HERE}/h5/shops/ABC`, HERE)).toEqual({ kind: "page", path: "/shops/ABC" });
  expect(meaningOf("yuyou-login:abc", HERE)).toEqual({ kind: "login", content: "yuyou-login:abc" });
  expect(meaningOf(" OUTLET-5 ", HERE)).toEqual({ kind: "coupon", code: "OUTLET-5" });
  for (const other of ["https://evil.example/h5/", `${HERE}.evil.example/h5/`, "javascript:alert(1)", ""]) expect(meaningOf(other, HERE)).toEqual({ kind: "nothing" });
});
