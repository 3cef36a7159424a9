// The drawing board of a service area: vertices are dragged, inserted and deleted; the server looks at every state.
(() => {
  "use strict";
  const { Sketch, make, LEAST, MOST } = window.O2OSketch, Polygon = window.O2OPolygon;
  const SNAP = 12, MOST_HANDLES = 700, MOST_UNDO = 100, MOST_FILE = 2e6;
  const copy = (value) => JSON.parse(JSON.stringify(value));
  const round = (value) => Math.round(value * 1e6) / 1e6;

  class Board extends Sketch {
    start() {
      if (!this.ready) this.prepare();
      super.start();
    }

    prepare() {
      this.ready = true;
      this.page = document;
      this.parts = Polygon.parts(this.data.own);
      this.saved = JSON.stringify(this.parts);
      this.revision = this.data.revision;
      this.others = (this.data.areas || []).map((one) => Polygon.parts(one.area)).flat();
      this.past = []; this.future = []; this.picked = null; this.making = null; this.found = []; this.spots = [];
      this.layers.own = make("g", { class: "o2o-draw-own" }, this.svg);
      this.layers.handles = make("g", { class: "o2o-draw-handles" }, this.svg);
      this.svg.setAttribute("tabindex", "0");
      this.svg.setAttribute("role", "application");
      for (const button of this.page.querySelectorAll("[data-do]")) button.addEventListener("click", () => this.act(button.dataset.do));
      this.one("[data-file]")?.addEventListener("change", (event) => this.file(event.target));
      for (const name of ["lng", "lat"]) this.one(`[data-${name}]`).addEventListener("change", () => this.typed());
      this.svg.addEventListener("keydown", (event) => this.key(event));
      this.svg.addEventListener("dblclick", (event) => this.twice(event));
      window.addEventListener("beforeunload", (event) => { if (this.changed()) event.preventDefault(); });
      setTimeout(() => { this.refresh(); if (this.parts.length) this.check(); }, 0);
    }

    one(selector) { return this.page.querySelector(selector); }
    changed() { return JSON.stringify(this.parts) !== this.saved; }
    ring(at = this.picked) { return at && this.parts[at.part]?.[at.ring]; }
    point() { return this.ring()?.[this.picked.at]; }

    // -- drawing ---------------------------------------------------------------------------

    draw() {
      super.draw();
      if (!this.layers.own) return;
      const px = this.unit();
      for (const finding of this.found) {
        if (!finding.area) continue;
        const kind = finding.kind === "gap" ? "gap" : "overlap";
        this.say(make("path", { d: this.path(finding.area), class: `o2o-area-${kind}`, "stroke-width": px }, this.layers.marks), finding.text);
      }
      this.drawOwn();
    }

    drawOwn() {
      const px = this.unit(), coarse = window.matchMedia("(pointer: coarse)").matches;
      this.layers.own.replaceChildren(); this.layers.handles.replaceChildren();
      const area = Polygon.geojson(this.parts);
      if (area) make("path", { d: this.path(area), "fill-rule": "evenodd", "stroke-width": px * 2.5 }, this.layers.own);
      if (this.making) {
        const line = this.making.map(([lng, lat]) => this.project(lng, lat).join(" "));
        if (line.length) make("path", { d: `M${line.join("L")}`, class: "o2o-draw-making", "stroke-width": px * 2.5 }, this.layers.own);
        this.making.forEach(([lng, lat], at) => { const [cx, cy] = this.project(lng, lat); make("circle", { cx, cy, r: px * (at ? 4 : 8), class: at ? "" : "o2o-draw-first", "stroke-width": px * 2 }, this.layers.handles); });
        const [x, y] = [this.view.x, this.view.y];
        make("path", { d: `M${x - px * 8} ${y}H${x + px * 8}M${x} ${y - px * 8}V${y + px * 8}`, class: "o2o-draw-cross", "stroke-width": px }, this.layers.handles);
      } else if (this.data.may) this.drawHandles(px, coarse);
      for (const [lng, lat] of this.spots) { const [cx, cy] = this.project(lng, lat); make("circle", { cx, cy, r: px * 9, class: "o2o-draw-spot", "stroke-width": px * 2.5 }, this.layers.handles); }
    }

    drawHandles(px, coarse) {
      const total = this.parts.flat().reduce((sum, ring) => sum + ring.length, 0), all = total <= MOST_HANDLES;
      this.parts.forEach((part, p) => part.forEach((ring, r) => ring.forEach((point, at) => {
        const spot = { part: p, ring: r, at };
        const near = this.picked?.part === p && this.picked.ring === r && Math.abs(this.picked.at - at) < 30;
        if (!all && !near && !this.within(point)) return;
        const next = ring[(at + 1) % ring.length], [cx, cy] = this.project(...point), [nx, ny] = this.project(...next);
        if (Math.hypot(nx - cx, ny - cy) > px * 30) this.handle((cx + nx) / 2, (cy + ny) / 2, px * 4, px * (coarse ? 14 : 9), "o2o-draw-middle", { ...spot, middle: true });
        const picked = this.picked?.part === p && this.picked.ring === r && this.picked.at === at;
        this.handle(cx, cy, px * (picked ? 8 : 6), px * (coarse ? 18 : 10), picked ? "o2o-draw-picked" : "", spot);
      })));
    }

    within([lng, lat]) {
      const [x, y] = this.project(lng, lat);
      return Math.abs(x - this.view.x) < this.view.w / 2 && Math.abs(y - this.view.y) < this.height() / 2 && this.layers.handles.childElementCount < MOST_HANDLES * 4;
    }

    // what is seen is small, what a finger meets is large
    handle(cx, cy, r, reach, kind, spot) {
      make("circle", { cx, cy, r, class: kind, "stroke-width": this.unit() * 2 }, this.layers.handles);
      make("circle", { cx, cy, r: reach, class: "o2o-draw-reach" }, this.layers.handles).spot = spot;
    }

    refresh() {
      this.spots = this.parts.length ? Polygon.crossings(this.parts) : [];
      this.draw();
      const points = this.parts.flat().reduce((sum, ring) => sum + ring.length, 0);
      this.one("[data-km2]").textContent = this.parts.length ? `${Polygon.km2(this.parts).toFixed(2)} km²` : "还没有范围";
      this.one("[data-count]").textContent = points ? `${this.parts.length} 块，${points} 个点${this.changed() ? "，未保存" : ""}` : "";
      this.fields();
      const set = (name, off) => { const button = this.one(`[data-do="${name}"]`); if (button) button.disabled = off; };
      set("undo", !this.past.length && !this.making?.length); set("redo", !this.future.length);
      set("insert", !this.picked); set("remove", !this.picked); set("drop", !this.parts.length);
      set("trim", !this.parts.length); set("simplify", !this.parts.length); set("save", !this.changed() || Boolean(this.making) || this.busy);
      const finish = this.one('[data-do="finish"]');
      if (finish) { finish.hidden = !this.making; finish.disabled = (this.making?.length || 0) < 3; }
    }

    fields() {
      const point = this.point();
      for (const [at, name] of [[0, "lng"], [1, "lat"]]) {
        const input = this.one(`[data-${name}]`);
        input.disabled = !point || !this.data.may;
        if (document.activeElement !== input) input.value = point ? point[at].toFixed(6) : "";
      }
    }

    // -- changing --------------------------------------------------------------------------

    keep() {
      this.past.push(copy(this.parts));
      if (this.past.length > MOST_UNDO) this.past.shift();
      this.future = [];
    }

    settle() {
      this.refresh();
      clearTimeout(this.checking);
      this.checking = setTimeout(() => this.check(), 400);
    }

    replace(area) {
      this.keep();
      this.parts = Polygon.parts(area);
      this.picked = null; this.making = null;
      this.settle();
    }

    snapped(point) {
      const snap = this.one("[data-snap]")?.checked, found = snap ? Polygon.snap(point, this.others, SNAP * this.degrees(), this.narrow) : point;
      return found.map(round);
    }

    act(name) {
      const acts = {
        new: () => { this.making = []; this.picked = null; this.tell([{ text: "逐点点击画边界，点回第一个点结束" }]); this.refresh(); this.svg.focus(); },
        finish: () => this.finish(), undo: () => this.step(this.past, this.future), redo: () => this.step(this.future, this.past),
        insert: () => this.insert(), remove: () => this.remove(), drop: () => this.drop(),
        trim: () => this.check("trim"), simplify: () => this.check("simplify"), save: () => this.save(),
        paste: () => this.read(this.one("[data-text]").value), export: () => { this.one("[data-text]").value = this.text(); }, download: () => this.download(),
      };
      acts[name]?.();
    }

    step(from, to) {
      if (this.making) { this.making.pop(); this.refresh(); return; }
      if (!from.length) return;
      to.push(copy(this.parts));
      this.parts = from.pop();
      this.picked = null;
      this.settle();
    }

    finish() {
      if (!this.making || this.making.length < 3) { this.tell([{ kind: "error", text: "边界至少要有三个不同的点" }]); return; }
      this.keep();
      this.parts.push([this.making]);
      this.making = null;
      this.settle();
    }

    insert(point) {
      const ring = this.ring();
      if (!ring) return;
      const { at } = this.picked, a = ring[at], b = ring[(at + 1) % ring.length];
      this.keep();
      ring.splice(at + 1, 0, point || [round((a[0] + b[0]) / 2), round((a[1] + b[1]) / 2)]);
      this.picked = { ...this.picked, at: at + 1 };
      this.settle();
    }

    remove() {
      const ring = this.ring();
      if (!ring) return;
      this.keep();
      ring.splice(this.picked.at, 1);
      if (ring.length < 3) {
        const part = this.parts[this.picked.part];
        if (this.picked.ring === 0) this.parts.splice(this.picked.part, 1); else part.splice(this.picked.ring, 1);
        this.picked = null;
      } else this.picked.at %= ring.length;
      this.settle();
    }

    drop() {
      if (!this.parts.length) return;
      this.keep();
      this.parts.splice(this.picked?.part ?? this.parts.length - 1, 1);
      this.picked = null;
      this.settle();
    }

    typed() {
      const point = this.point(), lng = parseFloat(this.one("[data-lng]").value), lat = parseFloat(this.one("[data-lat]").value);
      if (!point || Number.isNaN(lng) || Number.isNaN(lat)) return;
      const [west, south, east, north] = this.data.city;
      if (lng < west || lng > east || lat < south || lat > north) {
        const swapped = lat >= west && lat <= east && lng >= south && lng <= north;
        this.tell([{ kind: "error", text: swapped ? `经度和纬度写反了：是不是 ${lat}, ${lng}？` : "这个位置不在本市范围内" }]);
        this.one("[data-lng]").blur(); this.one("[data-lat]").blur(); this.fields();
        return;
      }
      this.keep();
      [point[0], point[1]] = [round(lng), round(lat)];
      this.settle();
    }

    // -- mouse, touch, keyboard --------------------------------------------------------------

    listen() {
      const down = new Map();
      let drag = null, pinch = null;
      const spread = () => { const [a, b] = [...down.values()]; return Math.hypot(a.x - b.x, a.y - b.y) || 1; };
      this.svg.addEventListener("pointerdown", (event) => {
        this.svg.setPointerCapture(event.pointerId);
        down.set(event.pointerId, { x: event.clientX, y: event.clientY });
        this.moved = false;
        if (down.size === 2) { if (drag?.kept) { this.parts = this.past.pop(); } drag = null; pinch = { far: spread(), w: this.view.w }; this.moved = true; return; }
        drag = { x: event.clientX, y: event.clientY, view: { ...this.view }, spot: this.data.may && !this.making ? event.target.spot : null, kept: false };
      });
      this.svg.addEventListener("pointermove", (event) => {
        if (!down.has(event.pointerId)) return;
        down.set(event.pointerId, { x: event.clientX, y: event.clientY });
        if (pinch && down.size === 2) { this.view.w = Math.min(MOST, Math.max(LEAST, pinch.w * pinch.far / spread())); this.draw(); return; }
        if (!drag) return;
        const dx = event.clientX - drag.x, dy = event.clientY - drag.y;
        if (!this.moved && Math.hypot(dx, dy) < 4) return;
        this.moved = true;
        if (drag.spot) { this.dragTo(drag, event); return; }
        this.view.x = drag.view.x - dx * this.unit();
        this.view.y = drag.view.y - dy * this.unit();
        this.frame();
      });
      const up = (event) => {
        if (!down.delete(event.pointerId)) return;
        if (pinch) { if (down.size === 0) pinch = null; return; }
        if (drag && event.type === "pointerup") {
          if (!this.moved) this.click(event, drag.spot);
          else if (drag.spot) this.settle();
          else this.draw();
        }
        drag = null;
      };
      this.svg.addEventListener("pointerup", up);
      this.svg.addEventListener("pointercancel", up);
      this.svg.addEventListener("wheel", (event) => { event.preventDefault(); this.zoom(event.deltaY > 0 ? 1.25 : 0.8); }, { passive: false });
      new ResizeObserver(() => this.draw()).observe(this.box);
    }

    dragTo(drag, event) {
      if (!drag.kept) {
        drag.kept = true;
        if (drag.spot.middle) { this.picked = { part: drag.spot.part, ring: drag.spot.ring, at: drag.spot.at }; this.insert(this.at(event).map(round)); clearTimeout(this.checking); }
        else { this.keep(); this.picked = { ...drag.spot }; }
      }
      const ring = this.ring();
      ring[this.picked.at] = this.snapped(this.at(event));
      this.one("[data-km2]").textContent = `${Polygon.km2(this.parts).toFixed(2)} km²`;
      this.fields();
      this.drawOwn();
    }

    click(event, spot) {
      if (this.making) {
        const point = this.snapped(this.at(event)), first = this.making[0];
        const closes = first && this.making.length > 2 && Math.hypot((point[0] - first[0]) * this.narrow, point[1] - first[1]) < 14 * this.degrees();
        if (closes) this.finish(); else { this.making.push(point); this.refresh(); }
        return;
      }
      if (!spot) { this.picked = null; this.refresh(); return; }
      this.picked = { part: spot.part, ring: spot.ring, at: spot.at };
      if (spot.middle) this.insert(); else this.refresh();
      const now = Date.now(), place = JSON.stringify(spot);  // a handle is drawn anew at each click: dblclick does not meet it
      if (!spot.middle && this.last?.place === place && now - this.last.now < 400) { this.last = null; this.remove(); } else this.last = { place, now };
    }

    twice(event) {
      event.preventDefault();
      if (!this.making) return;
      const [a, b] = this.making.slice(-2);
      if (a && b && Math.hypot((a[0] - b[0]) * this.narrow, a[1] - b[1]) < 6 * this.degrees()) this.making.pop();
      this.finish();
    }

    key(event) {
      const step = this.degrees() * (event.shiftKey ? 20 : 2), name = event.key.toLowerCase();
      const moves = { arrowleft: [-step / this.narrow, 0], arrowright: [step / this.narrow, 0], arrowup: [0, step], arrowdown: [0, -step] };
      if ((event.ctrlKey || event.metaKey) && ["z", "y"].includes(name)) { event.preventDefault(); this.act(name === "y" || event.shiftKey ? "redo" : "undo"); return; }
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (name === "+" || name === "=") { this.zoom(0.7); return; }
      if (name === "-") { this.zoom(1.4); return; }
      if (this.making) {
        if (name === "escape") { this.making = null; this.tell([]); this.refresh(); }
        else if (name === "enter") { event.preventDefault(); if (event.shiftKey) this.finish(); else { this.making.push(this.snapped(this.place(this.view.x, this.view.y))); this.refresh(); } }
        else if (name === "backspace") { event.preventDefault(); this.making.pop(); this.refresh(); }
        else if (moves[name]) { event.preventDefault(); this.pan(moves[name]); }
        return;
      }
      if (!this.data.may || !this.parts.length) { if (moves[name]) { event.preventDefault(); this.pan(moves[name]); } return; }
      if (name === "n" || name === "p") this.next(name === "n" ? 1 : -1);
      else if (name === "escape") { this.picked = null; this.refresh(); }
      else if (name === "i") this.insert();
      else if (name === "delete" || name === "backspace") { event.preventDefault(); this.remove(); }
      else if (moves[name]) {
        event.preventDefault();
        const point = this.point();
        if (!point) { this.pan(moves[name]); return; }
        if (!event.repeat) this.keep();
        [point[0], point[1]] = [round(point[0] + moves[name][0]), round(point[1] + moves[name][1])];
        this.settle();
      }
    }

    pan([lng, lat]) { const [x, y] = this.place(this.view.x, this.view.y), [x2, y2] = this.project(x + lng * 5, y + lat * 5); this.view.x = x2; this.view.y = y2; this.draw(); }

    next(step) {
      const all = this.parts.flatMap((part, p) => part.flatMap((ring, r) => ring.map((_point, at) => ({ part: p, ring: r, at }))));
      const here = all.findIndex((one) => JSON.stringify(one) === JSON.stringify(this.picked));
      this.picked = all[(here + step + all.length) % all.length];
      const [lng, lat] = this.point(), [x, y] = this.project(lng, lat);
      if (!this.within([lng, lat])) { this.view.x = x; this.view.y = y; }
      this.refresh();
      this.svg.setAttribute("aria-label", `第 ${this.picked.at + 1} 点，经度 ${lng.toFixed(6)}，纬度 ${lat.toFixed(6)}`);
    }

    // -- the server --------------------------------------------------------------------------

    async ask(url, body) {
      const token = document.querySelector("#o2o-draw-token [name=csrfmiddlewaretoken]").value;
      try {
        const answer = await fetch(url, { method: "POST", headers: { "Content-Type": "application/json", "X-CSRFToken": token }, body: JSON.stringify(body) });
        if (answer.headers.get("Content-Type")?.includes("json")) return await answer.json();
        const text = answer.status === 413 || answer.status === 400 ? "内容太大，请先简化边界" : answer.redirected || answer.status === 403 ? "登录已失效或没有权限，请在另一个窗口重新登录后再保存；您画的内容还在" : "服务器没有答复，您画的内容还在，请稍后再试";
        return { ok: false, error: { message: text, hint: "" } };
      } catch { return { ok: false, error: { message: "网络不通，您画的内容还在，请稍后再试", hint: "" } }; }
    }

    async check(what = "check", given, datum) {
      const number = (this.asked = (this.asked || 0) + 1), area = given ?? Polygon.geojson(this.parts);
      if (!area) { this.found = []; if (!this.making) this.tell([]); this.draw(); return; }
      if (what === "check" && this.spots.length && !given) { this.found = []; this.tell([{ kind: "error", text: `边界线在 ${this.spots[0].map((one) => one.toFixed(6)).join(", ")} 处自己交叉了（图上红圈），请改成不交叉的一圈` }]); return; }
      const told = await this.ask(this.data.check, { area, datum, do: what });
      if (number !== this.asked) return;
      if (!told.ok) { this.found = []; this.tell([{ kind: "error", text: [told.error.message, told.error.hint].filter(Boolean).join("。") }]); this.draw(); return; }
      this.found = told.findings;
      if (what !== "check" || given) {
        this.replace(told.area);
        clearTimeout(this.checking);
        if (given) { this.fit(); this.draw(); }
      }
      this.tell(told.findings.length ? told.findings : [{ kind: "good", text: `没有交叉，没有重叠，附近没有空白；${told.km2.toFixed(2)} 平方公里` }]);
      this.draw();
    }

    async save() {
      if (this.spots.length) { this.check(); return; }
      this.busy = true; this.refresh();
      const told = await this.ask(this.data.save, {
        area: Polygon.geojson(this.parts), revision: this.revision, reason: this.one("[data-reason]").value, overlap_ok: this.one("[data-overlap]").checked,
      });
      this.busy = false;
      if (!told.ok) {
        this.tell([{ kind: "error", text: [told.error.message, told.error.hint].filter(Boolean).join("。") }, ...(told.error.code === "CHANGED_MEANWHILE" ? [{ reload: true, text: "重新读取最新的范围（先“显示当前范围”可留下您画的）" }] : [])]);
        this.refresh();
        return;
      }
      this.revision = told.revision;
      this.parts = Polygon.parts(told.area);
      this.saved = JSON.stringify(this.parts);
      this.picked = null; this.found = told.findings;
      this.one("[data-reason]").value = ""; this.one("[data-overlap]").checked = false;
      this.tell([{ kind: "good", text: this.parts.length ? "已保存" : "已保存：这个机构现在没有范围" }, ...told.findings]);
      this.refresh();
    }

    tell(lines) {
      const box = this.one("[data-told]");
      box.replaceChildren(...lines.map((line) => {
        const made = Object.assign(document.createElement("p"), { className: `o2o-draw-told o2o-draw-${line.kind || "note"}`, textContent: line.text });
        if (line.reload) { made.replaceChildren(Object.assign(document.createElement("button"), { type: "button", textContent: line.text, onclick: () => { this.saved = JSON.stringify(this.parts); location.reload(); } })); }
        return made;
      }));
    }

    // -- text and files ------------------------------------------------------------------------

    text() { return this.parts.length ? JSON.stringify(Polygon.geojson(this.parts)) : ""; }

    read(text) {
      if (!text.trim()) { this.tell([{ kind: "error", text: "请先粘贴 GeoJSON 或选择文件" }]); return; }
      if (text.length > MOST_FILE) { this.tell([{ kind: "error", text: "内容太大（最多 2 MB），请先简化边界" }]); return; }
      this.check("check", text, this.one("[data-datum]").value);
    }

    async file(input) {
      const [file] = input.files;
      if (!file) return;
      if (file.size > MOST_FILE) { this.tell([{ kind: "error", text: "文件太大（最多 2 MB），请先简化边界" }]); return; }
      const text = await file.text();
      this.one("[data-text]").value = text;
      input.value = "";
      this.read(text);
    }

    download() {
      const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(new Blob([this.text()], { type: "application/geo+json" })), download: "service-area.geojson" });
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    }

    fit() {
      const points = this.parts.flat(2);
      if (!points.length) return;
      const lngs = points.map((one) => one[0]), lats = points.map((one) => one[1]);
      this.data.bounds = [Math.min(...lngs), Math.min(...lats), Math.max(...lngs), Math.max(...lats)];
      this.start();
    }
  }

  document.addEventListener("DOMContentLoaded", () => document.querySelectorAll("[data-editor]").forEach((box) => { box.board = new Board(box); }));
})();
