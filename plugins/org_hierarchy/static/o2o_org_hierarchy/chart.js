// The organisation chart: a tree whose branches are fetched when they are opened.
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  const root = document.getElementById("o2o-org");
  const words = root.dataset;

  const make = (tag, className, text) => {
    const node = document.createElement(tag);
    node.className = className;
    if (text !== undefined) node.textContent = text;
    return node;
  };

  const count = (number, label) => {
    const node = make("span", "o2o-org-count");
    node.append(make("b", "", number.toLocaleString("zh-CN")), ` ${label}`);
    return node;
  };

  const row = (unit) => {
    const item = make("li", "o2o-org-item");
    item.setAttribute("role", "treeitem");
    const line = make("div", `o2o-org-line o2o-level-${unit.level}`);
    const toggle = make("button", "o2o-org-toggle", unit.children ? "▸" : "");
    toggle.type = "button";
    toggle.disabled = !unit.children;
    toggle.setAttribute("aria-label", unit.name);
    const link = make("a", "o2o-org-name", unit.name);
    link.href = unit.href;
    line.append(toggle, link, make("span", "o2o-org-code", unit.code), make("span", "o2o-org-level", unit.levelName));
    if (unit.status !== "active") line.append(make("span", `o2o-org-status o2o-${unit.status}`, unit.statusName));
    const facts = make("span", "o2o-org-facts");
    if (unit.manager) facts.append(make("span", "o2o-org-count", unit.manager));
    if (unit.children) facts.append(count(unit.children, words.children));
    if (unit.level < 5) facts.append(count(unit.outlets, words.outlets));
    facts.append(count(unit.staff, words.staff));
    line.append(facts);
    item.append(line);
    if (unit.children) {
      item.setAttribute("aria-expanded", "false");
      const turn = () => {
        let below = item.querySelector(":scope > ul");
        const open = item.getAttribute("aria-expanded") !== "true";
        item.setAttribute("aria-expanded", String(open));
        toggle.textContent = open ? "▾" : "▸";
        if (!below) {
          below = make("ul", "o2o-org-below");
          below.setAttribute("role", "group");
          item.append(below);
          load(below, unit.id, 0);
        }
        below.hidden = !open;
      };
      toggle.addEventListener("click", turn);
      line.addEventListener("click", (event) => {
        if (!event.target.closest("a, button")) turn();
      });
      item.turn = turn;
    }
    return item;
  };

  const load = async (list, parent, start) => {
    const waiting = make("li", "o2o-org-note", "…");
    list.append(waiting);
    try {
      const response = await fetch(`${words.url}?parent=${parent || ""}&start=${start}`, { credentials: "same-origin" });
      if (!response.ok) throw new Error(String(response.status));
      const answer = await response.json();
      waiting.remove();
      const items = answer.units.map(row);
      list.append(...items);
      if (answer.next !== null) {
        const more = make("li", "o2o-org-note");
        const button = make("button", "o2o-tool", words.more);
        button.type = "button";
        button.addEventListener("click", () => { more.remove(); load(list, parent, answer.next); });
        more.append(button);
        list.append(more);
      }
      if (!parent && !items.length) list.append(make("li", "o2o-org-note", words.none));
      if (!parent && items.length === 1 && items[0].turn) items[0].turn();
    } catch (error) {
      waiting.textContent = "";
      const again = make("button", "o2o-tool", words.failed);
      again.type = "button";
      again.addEventListener("click", () => { waiting.remove(); load(list, parent, start); });
      waiting.append(again);
    }
  };

  document.getElementById("o2o-chart-close").addEventListener("click", () => {
    root.querySelectorAll('[aria-expanded="true"]').forEach((item) => item.turn());
  });
  load(root, null, 0);
});
