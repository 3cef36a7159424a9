// Asking for a code by text message, and waiting until one may ask again.
import { showToast } from "vant";
import { onBeforeUnmount, ref, type Ref } from "vue";
import { ask, ensure } from "./api/client";
import { CodeSendDocument, type MemberCodePurpose } from "./api/generated";
import { thisDevice } from "./state/session";
import { t } from "./texts";
import { useAct } from "./use";

interface Told {
  againAfter?: number | null;
  errors: readonly { code: string; field?: string | null; message: string; hint?: string | null; retryAfter?: number | null }[];
}

/** `send(run)`: ask once at a time. `wait`: seconds until again. */
export function usePaced(): { wait: Ref<number>; sending: Ref<boolean>; send: (run: () => Promise<Told | null | undefined>) => Promise<boolean> } {
  const wait = ref(0);
  let clock = 0;
  const { busy: sending, act } = useAct();
  onBeforeUnmount(() => clearInterval(clock));
  const send = (run: () => Promise<Told | null | undefined>): Promise<boolean> => act(async () => {
    const told = await run();
    const later = told?.errors[0]?.retryAfter ?? told?.againAfter ?? 0;
    if (later) {
      clearInterval(clock);
      wait.value = later;
      clock = window.setInterval(() => { if (--wait.value <= 0) clearInterval(clock); }, 1000);
    }
    ensure(told?.errors);
    showToast(t.login.sent);
  });
  return { wait, sending, send };
}

/** How a code is asked for; null where that cannot be yet, which is said beside what is missing. */
export type CodeRequest = () => (() => Promise<Told | null | undefined>) | null;

/** A member's code. CONFIRM goes to one's own number; `mobile` is asked for another one, null where it is missing. */
export const memberCode = (purpose: MemberCodePurpose, mobile?: () => string | null): CodeRequest => () => {
  const to = mobile ? mobile() : null;
  return mobile && !to ? null : async () => (await ask(CodeSendDocument, { mobile: to, purpose, device: thisDevice() })).memberCodeSend;
};

/** The digits of a code as they were meant: full-width ones and spaces do not matter. */
export const digitsOf = (text: string): string => text.normalize("NFKC").replace(/\s/g, "");
