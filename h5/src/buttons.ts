// Vant's buttons, which draw a ring instead of their words while they are at work: they keep their name for whoever does not see it.
import { Button, SubmitBar } from "vant";
import { type FunctionalComponent, h, type Slots, type VNode } from "vue";

/** What is written in nodes, of elements too. */
const wordsOf = (nodes: unknown): string =>
  Array.isArray(nodes) ? nodes.map(wordsOf).join("") : typeof nodes === "string" ? nodes : wordsOf((nodes as VNode | null)?.children ?? "");
/** `loading` as a template hands it over: alone, it is "". */
const works = (loading: unknown): boolean => loading === "" || loading === true;

export const BusyButton: FunctionalComponent<Record<string, unknown>> = (_props, { attrs, slots }) => {
  if (!works(attrs.loading)) return h(Button, attrs, slots as Slots);
  const name = attrs["aria-label"] ?? attrs["loading-text"] ?? attrs.text ?? wordsOf(slots.default?.()).trim();
  return h(Button, { ...attrs, "aria-busy": "true", "aria-label": name }, slots as Slots);
};
BusyButton.inheritAttrs = false;

/** The bar below a purchase: its button is one of ours. */
export const BusySubmitBar: FunctionalComponent<Record<string, unknown>> = (_props, { attrs, slots }) => {
  const type = (attrs["button-type"] as "danger" | "primary" | undefined) ?? "danger";
  const button = (): VNode =>
    h(BusyButton, {
      round: true, type, text: attrs["button-text"], loading: attrs.loading, disabled: attrs.disabled, onClick: attrs.onSubmit,
      class: ["van-submit-bar__button", `van-submit-bar__button--${type}`],
    });
  return h(SubmitBar, attrs, { button, ...(slots as Slots) });
};
BusySubmitBar.inheritAttrs = false;
