// What was typed and not yet sent. In memory only: it survives going back and forth and a login on the way, and never
// stays on the device.
import { reactive } from "vue";

const drafts = new Map<string, object>();

/** The draft of a form by name; made from `fresh` the first time. */
export function draft<T extends object>(name: string, fresh: () => T): T {
  let found = drafts.get(name) as T | undefined;
  if (!found) drafts.set(name, (found = reactive(fresh()) as T));
  return found;
}

export function discard(name: string): void {
  drafts.delete(name);
}

/** Somebody else logs in, or we log out: nobody reads another's words. */
export function discardAll(): void {
  drafts.clear();
}
