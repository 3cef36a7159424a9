// Shows a session's seats; free and blocked ones can be picked by clicking and dragging.
(() => {
  "use strict";
  const box = document.querySelector(".o2o-seats[data-board]");
  if (!box) return;
  const board = JSON.parse(document.getElementById(box.dataset.board).textContent);
  const may = "may" in box.dataset;
  // what was picked before a refusal is picked again
  const before = document.querySelector("[data-picked]");
  const picked = new Set((before?.value || "").split(",").filter(Boolean));
  let painting = null;

  board.zones.forEach((zone) => {
    const title = document.createElement("h3");
    title.textContent = zone.name;
    const table = document.createElement("table");
    const width = Math.max(...zone.rows.flatMap((row) => Object.keys(row.cells).map(Number)));
    zone.rows.forEach((row) => {
      const line = document.createElement("tr");
      const head = document.createElement("th");
      head.textContent = row.row;
      line.append(head);
      for (let place = 1; place <= width; place += 1) {
        const cell = document.createElement("td");
        const seat = row.cells[place];
        if (seat) {
          const [key, number, category, state, words] = seat;
          cell.textContent = number;
          cell.title = `${zone.name}${row.row}排${number}座 ${category} ${words}`;
          cell.className = state === "free" ? "" : `o2o-${state}`;
          cell.style.backgroundColor = (board.categories[category] || { colour: "#6b7280" }).colour;
          if (state === "free" || state === "blocked") cell.dataset.seat = key;
          if (cell.dataset.seat && picked.has(cell.dataset.seat)) cell.classList.add("o2o-picked");
        } else cell.style.visibility = "hidden";
        line.append(cell);
      }
      table.append(line);
    });
    box.append(title, table);
  });

  const pick = (cell) => {
    const key = cell?.dataset?.seat;
    if (!key || (painting.on !== undefined && painting.on === picked.has(key))) return;
    if (painting.on === undefined) painting.on = !picked.has(key);
    if (painting.on) picked.add(key); else picked.delete(key);
    cell.classList.toggle("o2o-picked", painting.on);
    document.querySelector("[data-picked]").value = [...picked].join(",");
    document.querySelector("[data-count]").textContent = picked.size;
  };
  if (may) {
    document.querySelector("[data-count]").textContent = picked.size;
    box.addEventListener("pointerdown", (event) => {
      const cell = event.target.closest("td[data-seat]");
      if (!cell) return;
      event.preventDefault();
      painting = {};
      pick(cell);
    });
    box.addEventListener("pointermove", (event) => {
      if (painting) pick(document.elementFromPoint(event.clientX, event.clientY)?.closest?.("td[data-seat]"));
    });
    window.addEventListener("pointerup", () => { painting = null; });
  }
})();
