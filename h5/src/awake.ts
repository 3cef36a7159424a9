// The screen stays on while a code is shown (Screen Wake Lock). Telephones that cannot do it dim as they always do.
import { onBeforeUnmount, ref, watch, type Ref } from "vue";

/** Keep the screen on as long as `wanted`; answers whether it is kept on. A page that comes back asks for it again. */
export function useAwake(wanted: () => boolean): Ref<boolean> {
  const kept = ref(false);
  let lock: WakeLockSentinel | null = null;
  let gone = false;

  async function hold(): Promise<void> {
    if (lock || document.hidden || !wanted() || !("wakeLock" in navigator)) return;
    try {
      const mine = await navigator.wakeLock.request("screen");
      if (gone || !wanted()) return void (await mine.release());
      lock = mine;
      kept.value = true;
      // the system takes it back when another page is shown, or the battery is low
      mine.addEventListener("release", () => { if (lock === mine) [lock, kept.value] = [null, false]; });
    } catch {
      kept.value = false;
    }
  }
  const drop = (): void => void lock?.release();
  const again = (): void => void hold();

  watch(wanted, (yes) => (yes ? void hold() : drop()), { immediate: true });
  document.addEventListener("visibilitychange", again);
  onBeforeUnmount(() => {
    gone = true;
    document.removeEventListener("visibilitychange", again);
    drop();
  });
  return kept;
}
