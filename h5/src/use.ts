// Loading and acting as every page does it: skeleton, error with retry, no double taps, login and back again.
import { showDialog, showToast } from "vant";
import "vant/es/dialog/style";
import "vant/es/toast/style";
import { ref, shallowRef, type Ref, type ShallowRef } from "vue";
import { Refusal } from "./api/client";
import type { Problems } from "./forms";
import { router } from "./router";
import { t } from "./texts";

export interface Load<T> {
  data: ShallowRef<T | undefined>;
  refusal: ShallowRef<Refusal | null>;
  busy: Ref<boolean>;
  reload: () => Promise<void>;
}

/** What a page shows. The latest question wins; data that is there stays while it is asked for anew. */
export function useLoad<T>(run: () => Promise<T>, immediately = true): Load<T> {
  const data = shallowRef<T>();
  const refusal = shallowRef<Refusal | null>(null);
  const busy = ref(false);
  let latest = 0;
  const reload = async (): Promise<void> => {
    const mine = ++latest;
    busy.value = true;
    try {
      const found = await run();
      if (mine !== latest) return;
      data.value = found;
      refusal.value = null;
    } catch (error) {
      if (mine !== latest) return;
      refusal.value = asRefusal(error);
      // a page for everybody goes on without a name
      if (refusal.value.kind === "expired" && router.currentRoute.value.meta.member) toLogin();
    } finally {
      if (mine === latest) busy.value = false;
    }
  };
  if (immediately) void reload();
  return { data, refusal, busy, reload };
}

export interface Pages<T> {
  rows: Ref<T[]>;
  known: Ref<boolean>;
  loading: Ref<boolean>;
  finished: Ref<boolean>;
  refusal: Ref<Refusal | null>;
  more: () => Promise<void>;
  anew: () => void;
}

/** Rows that come page by page, `run` given how many are there; a page shorter than `full` is the last. */
export function usePages<T>(run: (skip: number) => Promise<readonly T[]>, full = 20): Pages<T> {
  const rows = ref([]) as Ref<T[]>;
  const [known, loading, finished] = [ref(false), ref(false), ref(false)];
  const refusal = ref<Refusal | null>(null);
  let turn = 0;
  const more = async (): Promise<void> => {
    const mine = turn;
    loading.value = true;
    try {
      const found = await run(rows.value.length);
      if (mine !== turn) return;
      rows.value.push(...found);
      finished.value = found.length < full;
      known.value = true;
      refusal.value = null;
    } catch (error) {
      if (mine !== turn) return;
      refusal.value = asRefusal(error);
      if (refusal.value.kind === "expired") toLogin();
    } finally {
      if (mine === turn) loading.value = false;
    }
  };
  const anew = (): void => {
    turn += 1;
    rows.value = [];
    known.value = finished.value = false;
    refusal.value = null;
    void more();
  };
  anew();
  return { rows, known, loading, finished, refusal, more, anew };
}

/** What a button does: once at a time; a refusal is shown in its own words. Answers whether it was done. */
export function useAct(): { busy: Ref<boolean>; act: (run: () => Promise<unknown>) => Promise<boolean> } {
  const busy = ref(false);
  const act = async (run: () => Promise<unknown>): Promise<boolean> => {
    if (busy.value) return false;
    busy.value = true;
    try {
      await run();
      return true;
    } catch (error) {
      tell(asRefusal(error));
      return false;
    } finally {
      busy.value = false;
    }
  };
  return { busy, act };
}

/** What is wrong, in words by field; `beside` puts a refusal of the platform there, with what to do next. */
export function useProblems(): { problems: Ref<Problems>; beside: (field: string, refusal: Refusal) => void } {
  const problems = ref<Problems>({});
  const beside = (field: string, { message, hint }: Refusal): void => { problems.value[field] = [message, hint].filter(Boolean).join("，"); };
  return { problems, beside };
}

export function asRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  console.error(error);
  return new Refusal(t.errors.broken, "broken", t.errors.brokenHint);
}

export function tell(refusal: Refusal): void {
  if (refusal.kind === "expired") {
    showToast(refusal.message);
    toLogin();
  } else if (refusal.hint) {
    void showDialog({ title: refusal.message, message: refusal.hint, confirmButtonText: t.know });
  } else {
    showToast({ message: refusal.message, duration: 3000 });
  }
}

/** Log in, and come back to where we are. */
export function toLogin(): void {
  const here = router.currentRoute.value;
  if (here.name !== "login") void router.replace({ name: "login", query: { to: here.fullPath } });
}

/** Done here: back to where one came from; who came straight here goes to `otherwise`. */
export function leave(otherwise: string): void {
  if (history.state?.back) router.back();
  else void router.replace({ name: otherwise });
}
