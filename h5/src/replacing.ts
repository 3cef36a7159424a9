// Another day or session in place of tickets that one has: what the page's address says of it.
import { computed, type ComputedRef } from "vue";
import { useRoute } from "vue-router";
import type { Ticket } from "./again";
import { ask } from "./api/client";
import { TicketsOfDocument } from "./api/generated";
import { accessTo } from "./guests";
import { useLoad } from "./use";

/** What is changed: the order's number ("" where nothing is) and its chosen tickets. */
export function useReplacing(): { instead: string; old: ComputedRef<readonly Ticket[]>; query: Record<string, string> } {
  const route = useRoute();
  const instead = String(route.query.instead ?? "");
  const numbers = String(route.query.tickets ?? "").split(",").filter(Boolean);
  const load = useLoad(async () => (await ask(TicketsOfDocument, { number: instead, ...accessTo(instead) })).ticketOrder ?? null, Boolean(instead));
  const old = computed(() => (load.data.value?.tickets ?? []).filter(({ number }) => numbers.includes(number)));
  return { instead, old, query: instead ? { instead, tickets: numbers.join(",") } : ({} as Record<string, string>) };
}
