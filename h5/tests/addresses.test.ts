import { describe, expect, it } from "vitest";
import { mailOf, nowhere, whereOf, wrongIn } from "../src/addresses";

const card = { __typename: "Address", id: "1", firstName: "张三", lastName: "", phone: "+8613800138000", countryArea: "重庆市", city: "重庆市", cityArea: "渝中区", streetAddress1: "解放碑 1 号", streetAddress2: "", postalCode: "400010", country: { code: "CN" }, isDefaultShippingAddress: true } as unknown as Parameters<typeof whereOf>[0];

describe("an address that is filled in", () => {
  it("is taken from the address book, and posted to in as many words as it has", () => {
    const where = whereOf(card);
    expect(wrongIn(where)).toEqual({});
    expect(mailOf(where)).toEqual({ name: "张三", mobile: "13800138000", area: "重庆市 渝中区", street: "解放碑 1 号" });
  });
  it("says beside each field what is missing, and takes a number however it is written", () => {
    expect(Object.keys(wrongIn(nowhere()))).toEqual(["name", "mobile", "region", "street"]);
    const told = { ...whereOf(card), mobile: "+86 138-0013-8000" };
    expect(wrongIn(told)).toEqual({});
    expect(mailOf(told).mobile).toBe("13800138000");
    expect(Object.keys(wrongIn({ ...told, region: ["重庆市"], mobile: "1380013800" }))).toEqual(["mobile", "region"]);
  });
});
