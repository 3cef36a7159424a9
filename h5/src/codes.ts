// Asking for a code by text message, and waiting until one may ask again.
import { showToast } from "vant";
import { onBeforeUnmount, ref, type Ref } from "vue";
import { ask, ensure } from "./api/client";
import { CodeSendDocument, type MemberCodePurpose } from "./api/generated";
import { thisDevice } from "./state/session";
import { t } from "./texts";
import { useAct } from "./use";

/** `send(purpose, mobile)`; CONFIRM goes to one's own number, whatever `mobile` says. `wait`: seconds until again. */
export function useCode(): { wait: Ref<number>; sending: Ref<boolean>; send: (purpose: MemberCodePurpose, mobile: string | null) => Promise<boolean> } {
  const wait = ref(0);
  let clock = 0;
  const { busy: sending, act } = useAct();
  onBeforeUnmount(() => clearInterval(clock));
  const send = (purpose: MemberCodePurpose, mobile: string | null): Promise<boolean> => act(async () => {
    const { memberCodeSend: told } = await ask(CodeSendDocument, { mobile, purpose, device: thisDevice() });
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

/** The digits of a code as they were meant: full-width ones and spaces do not matter. */
export const digitsOf = (text: string): string => text.normalize("NFKC").replace(/\s/g, "");
