import { createSSRApp, h } from "vue";
import { renderToString } from "vue/server-renderer";
import { describe, expect, it } from "vitest";
import { BusyButton, BusySubmitBar } from "../src/buttons";

const drawn = (attrs: Record<string, unknown>, words?: () => unknown): Promise<string> =>
  renderToString(createSSRApp({ render: () => h(BusyButton, attrs, words && { default: words }) }));

describe("a button at work", () => {
  it("keeps the name that its ring hides", async () => {
    const told = await drawn({ type: "primary", loading: true }, () => ["提交", h("b", "订单")]);
    expect(told).toContain('aria-busy="true"');
    expect(told).toContain('aria-label="提交订单"');
    expect(told).not.toContain(">提交");
  });
  it("has the name that it was given", async () => {
    expect(await drawn({ loading: "", "aria-label": "重新查询" }, () => ["查"])).toContain('aria-label="重新查询"');
    expect(await drawn({ loading: true, "loading-text": "正在支付" }, () => ["支付"])).toContain('aria-label="正在支付"');
    expect(await drawn({ loading: true, text: "支付" })).toContain('aria-label="支付"');
  });
  it("is as it was without work", async () => {
    const told = await drawn({ loading: false, "native-type": "submit", class: "grow" }, () => ["提交"]);
    expect(told).toContain(">提交");
    expect(told).toContain('type="submit"');
    expect(told).toContain("grow");
    expect(told).not.toMatch(/aria-(busy|label)/);
  });
  it("is one in the bar below a purchase, too", async () => {
    const bar = (loading: boolean): Promise<string> =>
      renderToString(createSSRApp({ render: () => h(BusySubmitBar, { price: 1000, label: "合计", "button-text": "提交订单", "button-type": "primary", loading }) }));
    expect(await bar(true)).toContain('aria-label="提交订单"');
    expect(await bar(false)).toContain(">提交订单");
    expect(await bar(false)).toContain("van-submit-bar__button--primary");
    expect(await bar(false)).not.toContain("aria-busy");
  });
});
