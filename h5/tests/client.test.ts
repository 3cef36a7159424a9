import { afterEach, expect, test, vi } from "vitest";
import { ask, ensure, payload, Refusal } from "../src/api/client";
import { AgreementDocument } from "../src/api/generated";
import { session } from "../src/state/session";

const answering = (body: string): void => { vi.stubGlobal("fetch", vi.fn(async () => new Response(body))); };
const refused = async (): Promise<Refusal> => ask(AgreementDocument).then(() => { throw new Error("was not refused"); }, (error: Refusal) => error);
afterEach(() => { vi.unstubAllGlobals(); session.forget(); });

test("no network is told as such, and nothing is believed", async () => {
  vi.stubGlobal("fetch", vi.fn(async () => { throw new TypeError("offline"); }));
  expect((await refused()).kind).toBe("network");
});

test("a page of the proxy is no answer", async () => {
  answering("<html>502</html>");
  expect((await refused()).kind).toBe("broken");
});

test("a refused token is forgotten", async () => {
  session.enter("old");
  answering(JSON.stringify({ errors: [{ message: "Signature has expired", extensions: { exception: { code: "JSONWebTokenExpired" } } }] }));
  expect((await refused()).kind).toBe("expired");
  expect(session.token).toBe("");
});

test("a token that came meanwhile is not thrown away with the old one", async () => {
  session.enter("old");
  vi.stubGlobal("fetch", vi.fn(async () => {
    session.enter("new");
    return new Response(JSON.stringify({ errors: [{ message: "x", extensions: { exception: { code: "JSONWebTokenError" } } }] }));
  }));
  await refused();
  expect(session.token).toBe("new");
});

test("a mutation's own refusal keeps its words, field and code", () => {
  expect(() => ensure([{ message: "库存不足", hint: "请减少数量", code: "INSUFFICIENT_STOCK", field: "lines" }]))
    .toThrowError(expect.objectContaining({ message: "库存不足", hint: "请减少数量", code: "INSUFFICIENT_STOCK", field: "lines" }));
  expect(() => ensure([])).not.toThrow();
});

test("files go as multipart, one by one, in their places", () => {
  const photo = new File(["x"], "a.png");
  const { body, headers } = payload("mutation", { key: "k", photos: [photo, photo] });
  const form = body as FormData;
  expect(headers).toEqual({});
  expect(JSON.parse(String(form.get("operations")))).toEqual({ query: "mutation", variables: { key: "k", photos: [null, null] } });
  expect(JSON.parse(String(form.get("map")))).toEqual({ 0: ["variables.photos.0"], 1: ["variables.photos.1"] });
  expect(form.get("1")).toBeInstanceOf(File);
});
