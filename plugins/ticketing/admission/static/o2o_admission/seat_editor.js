// Draws a seat plan, and while it is a draft lets people paint it: categories, seats that are not sold, aisles.
(() => {
  "use strict";
  const box = document.querySelector(".o2o-seats[data-plan]");
  if (!box) return;
  const plan = JSON.parse(document.getElementById(box.dataset.plan).textContent);
  const may = "may" in box.dataset;
  const words = JSON.parse(box.dataset.words);
  const told = document.querySelector("[data-told]");
  const colours = ["#b91c1c", "#c2410c", "#a16207", "#15803d", "#0e7490", "#1d4ed8", "#7e22ce", "#be185d"];
  const past = [];
  let tool = "block";
  let painting = null;
  let dirty = false;

  const element = (name, text) => {
    const made = document.createElement(name);
    if (text !== undefined) made.textContent = text;
    return made;
  };
  const count = () => plan.zones.reduce((sum, zone) => sum + zone.rows.reduce((n, row) => n + row.cells.filter(Boolean).length, 0), 0);
  const say = (text) => { told.textContent = text; };
  const keep = () => { past.push(JSON.stringify(plan)); if (past.length > 50) past.shift(); };
  const changed = () => { dirty = true; say(`${words.unsaved} · ${words.total} ${count()}`); };

  const dress = (cell, seat) => {
    cell.className = seat ? (seat.b ? "o2o-blocked" : "") : "o2o-none";
    cell.style.backgroundColor = seat ? (plan.categories[seat.c] || { colour: "#6b7280" }).colour : "";
    cell.textContent = seat ? seat.n : "·";
    cell.title = seat ? `${seat.c} ${seat.n}` : "";
  };

  const draw = () => {
    box.replaceChildren();
    plan.zones.forEach((zone, z) => {
      const title = element("h3", zone.name);
      title.addEventListener("dblclick", () => rename(zone, "name", words.zone));
      box.append(title);
      const table = element("table");
      const width = Math.max(...zone.rows.map((row) => row.cells.length), 1);
      zone.rows.forEach((row, r) => {
        const line = element("tr");
        const head = element("th", row.row);
        head.scope = "row";
        head.addEventListener("dblclick", () => rename(row, "row", words.row));
        line.append(head);
        for (let c = 0; c < width; c += 1) {
          const cell = element("td");
          Object.assign(cell.dataset, { z, r, c });
          dress(cell, row.cells[c] || null);
          line.append(cell);
        }
        table.append(line);
      });
      box.append(table);
    });
    legend();
  };

  const rename = (thing, field, label) => {
    if (!may) return;
    const name = window.prompt(label, thing[field]);
    if (name && name.trim()) { keep(); thing[field] = name.trim(); changed(); draw(); }
  };

  const legend = () => {
    const list = document.querySelector("[data-categories]");
    if (!list) return;
    list.replaceChildren();
    Object.entries(plan.categories).forEach(([code, one]) => {
      const button = element("button");
      button.type = "button";
      button.dataset.tool = `c:${code}`;
      const spot = element("i");
      spot.style.background = one.colour;
      button.append(spot, one.name.startsWith(code) ? one.name : `${code} ${one.name}`);
      list.append(button, " ");
    });
    press();
  };
  const press = () => document.querySelectorAll("[data-tool]").forEach((one) => one.setAttribute("aria-pressed", String(one.dataset.tool === tool)));

  const paint = (cell) => {
    const { z, r, c } = cell.dataset;
    const cells = plan.zones[z].rows[r].cells;
    while (cells.length <= c) cells.push(null);
    let seat = cells[c];
    if (tool === "aisle") seat = null;
    else if (tool === "block") {
      if (!seat) return;
      if (painting.block === undefined) painting.block = !seat.b;
      if (painting.block) seat.b = 1; else delete seat.b;
    } else {
      const code = tool.slice(2);
      if (seat) seat.c = code;
      else seat = { n: free(cells), c: code };
    }
    cells[c] = seat;
    dress(cell, seat);
    changed();
  };
  const free = (cells) => {
    const used = new Set(cells.filter(Boolean).map((one) => one.n));
    let n = 1;
    while (used.has(String(n))) n += 1;
    return String(n);
  };

  if (may) {
    box.addEventListener("pointerdown", (event) => {
      const cell = event.target.closest("td");
      if (!cell) return;
      event.preventDefault();
      keep();
      painting = {};
      paint(cell);
    });
    box.addEventListener("pointermove", (event) => {
      if (!painting) return;
      const cell = document.elementFromPoint(event.clientX, event.clientY)?.closest?.(".o2o-seats td");
      if (cell && cell !== painting.last) { painting.last = cell; paint(cell); }
    });
    window.addEventListener("pointerup", () => { painting = null; });
    window.addEventListener("beforeunload", (event) => { if (dirty) event.preventDefault(); });
  }

  const acts = {
    undo() { const before = past.pop(); if (before) { Object.assign(plan, JSON.parse(before)); changed(); draw(); } },
    row() {
      keep();
      const zone = plan.zones.at(-1);
      const width = Math.max(...zone.rows.map((row) => row.cells.length), 1);
      zone.rows.push({ row: String(zone.rows.length + 1), cells: Array(width).fill(null) });
      changed(); draw();
    },
    column() { keep(); plan.zones.at(-1).rows.forEach((row) => row.cells.push(null)); changed(); draw(); },
    zone() {
      const name = window.prompt(words.zone);
      if (!name || !name.trim()) return;
      keep();
      plan.zones.push({ name: name.trim(), rows: [{ row: "1", cells: Array(10).fill(null) }] });
      changed(); draw();
    },
    category() {
      const [code, ...rest] = (window.prompt(words.category) || "").trim().split(/\s+/);
      if (!code) return;
      keep();
      const at = Object.keys(plan.categories).length;
      plan.categories[code.slice(0, 10)] = { name: rest.join(" ") || code, colour: colours[at % colours.length] };
      tool = `c:${code.slice(0, 10)}`;
      changed(); draw();
    },
    number() {
      keep();
      plan.zones.forEach((zone) => zone.rows.forEach((row) => row.cells.filter(Boolean).forEach((seat, at) => { seat.n = String(at + 1); })));
      changed(); draw();
    },
    async save() {
      const body = new FormData(document.getElementById("o2o-seat-token"));
      // rows without a seat are nobody's
      const zones = plan.zones.map((zone) => ({ ...zone, rows: zone.rows.filter((row) => row.cells.some(Boolean)) }));
      body.set("plan", JSON.stringify({ categories: plan.categories, zones }));
      const answer = await fetch(window.location.href, { method: "POST", body, credentials: "same-origin" }).catch(() => null);
      if (!answer) { say(`${words.failed}${words.network}`); return; }
      const said = await answer.json().catch(() => ({ error: String(answer.status) }));
      if (answer.ok) { dirty = false; say(`${words.saved}${said.saved}`); } else say(`${words.failed}${said.error}`);
    },
  };
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-tool], [data-do]");
    if (!button) return;
    if (button.dataset.tool) { tool = button.dataset.tool; press(); } else acts[button.dataset.do]?.();
  });

  tool = Object.keys(plan.categories).length ? `c:${Object.keys(plan.categories)[0]}` : "block";
  draw();
  say(`${words.total} ${count()}`);
})();
