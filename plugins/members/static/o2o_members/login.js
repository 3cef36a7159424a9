// 扫码登录: show a code, ask what became of it, keep the token where the shopper's pages look for it.
(function () {
  "use strict";

  const TOKEN = "o2o.mine.token";
  const START = "mutation { memberQrStart { image secret match errors { message hint retryAfter } } }";
  const POLL = "mutation($secret: String!) { memberQrPoll(secret: $secret) { state token errors { message } } }";
  const EVERY = 2000;
  const at = (id) => document.getElementById(id);
  const said = at("said");
  let round = 0;

  // Only a path of this very site: an address from elsewhere is not followed.
  function next() {
    const told = new URLSearchParams(location.search).get("next") || "/";
    const found = new URL(told, location.origin);
    return found.origin === location.origin && told.startsWith("/") ? found.pathname + found.search : "/";
  }

  async function ask(query, variables) {
    const answer = await fetch("/graphql/", {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ query, variables }),
    });
    const told = await answer.json();
    if (!told.data) { throw new Error("no data"); }
    return told.data;
  }

  function gone(words) {
    document.querySelector(".picture").classList.add("is-gone");
    at("again").hidden = false;
    at("matchLine").hidden = true;
    said.textContent = words || "";
  }

  async function poll(secret, mine) {
    if (mine !== round) { return; }
    try {
      const { memberQrPoll: told } = await ask(POLL, { secret });
      if (mine !== round) { return; }
      if (told.token) {
        localStorage.setItem(TOKEN, told.token);
        said.textContent = said.dataset.done;
        location.replace(next());
        return;
      }
      if (told.errors.length) { gone(told.errors[0].message); return; }
      if (told.state === "GONE" || told.state === "TAKEN") { gone(""); return; }
      if (told.state === "REFUSED") { gone(said.dataset.refused); return; }
      said.textContent = told.state === "WAITING" ? said.dataset.waiting : said.dataset.scanned;
    } catch (_error) {
      said.textContent = said.dataset.offline;
    }
    setTimeout(poll, EVERY, secret, mine);
  }

  async function start() {
    round += 1;
    const mine = round;
    at("again").hidden = true;
    try {
      const { memberQrStart: told } = await ask(START);
      if (told.errors.length) { gone([told.errors[0].message, told.errors[0].hint].filter(Boolean).join("，")); return; }
      document.querySelector(".picture").classList.remove("is-gone");
      at("picture").src = told.image;
      at("picture").hidden = false;
      at("match").textContent = told.match;
      at("matchLine").hidden = false;
      said.textContent = said.dataset.waiting;
      setTimeout(poll, EVERY, told.secret, mine);
    } catch (_error) {
      gone(said.dataset.offline);
    }
  }

  at("again").addEventListener("click", start);
  start();
})();
