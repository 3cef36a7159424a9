// What is shown at a gate: the platform's word where there is a network, else what the phone has kept.
import { ref, type Ref } from "vue";
import { useRoute, useRouter } from "vue-router";
import { accessOf, accessTo, admit } from "./guests";
import { session } from "./state/session";
import { asRefusal, useLoad, type Load } from "./use";

export interface Words {
  offline: string;
  unsure: string;
  lastSeen: string;
}

/** `kept`: why what is shown is only what the phone has kept; "" when the platform has said it. `asGuest`: it was found
 * by a code, which is used up: what stands there is as old as that. */
export interface Shown<T> {
  load: Load<T[]>;
  kept: Ref<string>;
  asGuest: Ref<boolean>;
}

/** Without an order: all that the phone has kept. A link of a guest brings what opens his order behind "#". */
export function useShown<T>(order: string | undefined, recalled: (order?: string) => T[], fetched: (order: string) => Promise<T[]>, words: Words): Shown<T> {
  const [route, router] = [useRoute(), useRouter()];
  const [kept, asGuest] = [ref(""), ref(false)];
  const given = accessOf(route.hash);
  if (order && given) {
    admit(order, given);
    void router.replace({ name: route.name!, params: route.params, query: route.query }); // neither in the history nor in what is shared
  }
  const load = useLoad(async () => {
    const there = recalled(order);
    if (!order) return there;
    try {
      const found = await fetched(order);
      // logged out in the meantime, or found by a code once, nothing is told: what is kept still counts at the gate
      asGuest.value = !found.length && there.length > 0 && !session.token && !Object.keys(accessTo(order)).length;
      kept.value = asGuest.value ? words.lastSeen : "";
      return found.length ? found : there;
    } catch (error) {
      if (!there.length) throw error;
      kept.value = asRefusal(error).kind === "network" ? words.offline : words.unsure;
      return there;
    }
  });
  return { load, kept, asGuest };
}
