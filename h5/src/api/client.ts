// The one way to the platform: typed operations over POST /graphql/, refusals as Refusal in people's words.
import { heard } from "../clock";
import { t } from "../texts";
import { session } from "../state/session";
import type { TypedDocumentString } from "./generated";

export type Kind = "network" | "expired" | "refused" | "broken";

/** Why something did not happen: `message` and `hint` are for people, `code` and `field` for the page. */
export class Refusal extends Error {
  constructor(
    message: string,
    readonly kind: Kind,
    readonly hint = "",
    readonly code = "",
    readonly field = "",
    readonly retryAfter = 0,
  ) {
    super(message);
  }
}

/** After silence nobody knows what became of what was asked: the same refusal with what to do then; null when it was answered. */
export const unsure = (error: unknown, hint: string): Refusal | null =>
  error instanceof Refusal && (error.kind === "network" || error.kind === "broken") ? new Refusal(error.message, error.kind, hint) : null;

interface Told {
  message?: string | null;
  hint?: string | null;
  code?: string | null;
  field?: string | null;
  retryAfter?: number | null;
}

interface TopError {
  message: string;
  extensions?: { code?: string; hint?: string; exception?: { code?: string } };
}

/** Seconds after which a silent server counts as unreachable: the same request may be sent again. */
const PATIENCE = 20_000;
const EXPIRED = /JSONWebToken|JWT|Signature|PermissionDenied|SIGN_IN_REQUIRED/;

/** Run one operation. Throws Refusal: network (nothing is known), expired (log in again), refused, broken. */
export async function ask<R, V>(
  document: TypedDocumentString<R, V>,
  ...[variables]: V extends Record<string, never> ? [] : [V]
): Promise<R> {
  const { body, headers } = payload(document.toString(), (variables ?? {}) as Record<string, unknown>);
  const sent = session.token;
  if (sent) headers.Authorization = `JWT ${sent}`;
  let response: Response;
  const asked = Date.now();
  const stop = new AbortController(); // AbortSignal.timeout is younger than the telephones that come here
  const clock = setTimeout(() => stop.abort(), PATIENCE);
  try {
    response = await fetch("/graphql/", { method: "POST", credentials: "omit", headers, body, signal: stop.signal });
    heard(response.headers.get("Date"), asked, Date.now());
  } catch {
    throw new Refusal(t.errors.network, "network", t.errors.networkHint);
  } finally {
    clearTimeout(clock);
  }
  let told: { data?: R; errors?: TopError[] };
  try {
    told = await response.json();
  } catch {
    throw new Refusal(t.errors.broken, "broken", t.errors.brokenHint);
  }
  const first = told.errors?.[0];
  if (first) throw refusalOf(first, sent);
  return told.data as R;
}

function refusalOf(error: TopError, sent: string): Refusal {
  const code = error.extensions?.code ?? "";
  const name = `${error.extensions?.exception?.code ?? ""} ${code}`;
  if (EXPIRED.test(name)) {
    if (session.token === sent) session.forget();
    return new Refusal(sent ? t.errors.expired : t.errors.signIn, "expired");
  }
  if (code === "INTERNAL_ERROR") return new Refusal(t.errors.broken, "broken", t.errors.brokenHint);
  return new Refusal(error.message, "refused", error.extensions?.hint ?? "", code);
}

/** Throw the first error of a mutation's own list, in its words. */
export function ensure(errors: readonly Told[] | null | undefined): void {
  const first = errors?.[0];
  if (!first) return;
  if (first.code === "SIGN_IN_REQUIRED") {
    session.forget();
    throw new Refusal(t.errors.expired, "expired");
  }
  throw new Refusal(
    first.message || t.errors.broken, "refused", first.hint ?? "", first.code ?? "", first.field ?? "", first.retryAfter ?? 0,
  );
}

/** JSON, or a multipart request where a variable holds files (GraphQL multipart request specification). */
export function payload(query: string, variables: Record<string, unknown>): { body: BodyInit; headers: Record<string, string> } {
  const files: [string, File][] = [];
  const plain = Object.fromEntries(
    Object.entries(variables).map(([name, value]) => {
      const list = Array.isArray(value) ? value : [value];
      if (!list.length || !list.every((one) => one instanceof File)) return [name, value];
      list.forEach((file, n) => files.push([Array.isArray(value) ? `variables.${name}.${n}` : `variables.${name}`, file]));
      return [name, Array.isArray(value) ? list.map(() => null) : null];
    }),
  );
  const operation = JSON.stringify({ query, variables: plain });
  if (!files.length) return { body: operation, headers: { "Content-Type": "application/json" } };
  const form = new FormData();
  form.append("operations", operation);
  form.append("map", JSON.stringify(Object.fromEntries(files.map(([path], n) => [String(n), [path]]))));
  files.forEach(([, file], n) => form.append(String(n), file));
  return { body: form, headers: {} };
}
