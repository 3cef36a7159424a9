// A small map of our own on SVG: areas, points, fields of a grid, and a pin that can be dragged.
(() => {
  "use strict";
  const NS = "http://www.w3.org/2000/svg";
  // units of the drawing in a degree, from the middle of what is shown first: browsers meet shapes in whole units
  const SCALE = 1e6, LEAST = 0.002 * SCALE, MOST = 8 * SCALE;

  const make = (name, attributes, parent) => {
    const node = document.createElementNS(NS, name);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    if (parent) parent.append(node);
    return node;
  };

  class Sketch {
    constructor(box) {
      this.box = box;
      this.data = JSON.parse(document.getElementById(box.dataset.source)?.textContent || "{}");
      this.svg = make("svg", { role: "img", "aria-label": box.dataset.label || "" });
      box.append(this.svg);
      this.layers = Object.fromEntries(["cells", "areas", "marks", "points", "pin"].map((name) => [name, make("g", { class: `o2o-sketch-${name}` }, this.svg)]));
      this.tip = Object.assign(document.createElement("div"), { className: "o2o-sketch-tip", hidden: true });
      this.scale = Object.assign(document.createElement("div"), { className: "o2o-sketch-scale" });
      box.append(this.tip, this.scale, this.buttons());
      this.lng = document.getElementById(box.dataset.lng);
      this.lat = document.getElementById(box.dataset.lat);
      this.datum = document.getElementById(box.dataset.datum);
      this.start();
      this.listen();
      this.draw();
      this.fetch();
    }

    // x is compressed by the latitude, so that a kilometre is a kilometre both ways
    project(lng, lat) { return [(lng - this.origin[0]) * this.narrow * SCALE, (this.origin[1] - lat) * SCALE]; }
    place(x, y) { return [x / this.narrow / SCALE + this.origin[0], this.origin[1] - y / SCALE]; }

    start() {
      const [west, south, east, north] = this.data.bounds;
      this.narrow = Math.cos(((south + north) / 2) * Math.PI / 180);
      this.origin = [(west + east) / 2, (south + north) / 2];
      const wide = Math.max((east - west) * this.narrow * SCALE, (north - south) * this.ratio() * SCALE, LEAST);
      this.view = { x: 0, y: 0, w: wide * 1.08 };
    }

    ratio() { return this.box.clientWidth / Math.max(this.box.clientHeight, 1) || 1.6; }
    height() { return this.view.w / this.ratio(); }
    unit() { return this.view.w / Math.max(this.box.clientWidth, 1); }
    degrees() { return this.unit() / SCALE; }

    frame() {
      const { x, y, w } = this.view, h = this.height();
      this.svg.setAttribute("viewBox", `${x - w / 2} ${y - h / 2} ${w} ${h}`);
      const metres = this.degrees() * 111195 * 90, step = 10 ** Math.floor(Math.log10(metres));
      const nice = [5, 2, 1].map((n) => n * step).find((n) => n <= metres);
      this.scale.style.width = `${nice / (this.degrees() * 111195)}px`;
      this.scale.textContent = nice >= 1000 ? `${nice / 1000} 公里` : `${nice} 米`;
    }

    path(area) {
      const parts = area.type === "MultiPolygon" ? area.coordinates : [area.coordinates];
      return parts.flat().map((ring) => `M${ring.map(([lng, lat]) => this.project(lng, lat).join(" ")).join("L")}Z`).join("");
    }

    draw() {
      this.frame();
      for (const layer of Object.values(this.layers)) layer.replaceChildren();
      const px = this.unit();
      for (const cell of this.data.cells || []) {
        const [x, y] = this.project(cell.west, cell.north), [x2, y2] = this.project(cell.east, cell.south);
        const node = make("rect", { x, y, width: x2 - x, height: y2 - y, "fill-opacity": 0.15 + 0.75 * cell.weight }, this.layers.cells);
        this.say(node, cell.label);
      }
      for (const area of this.data.areas || []) {
        const node = make("path", { d: this.path(area.area), class: `o2o-area-${area.kind || "branch"}`, "stroke-width": px * 1.2 }, area.kind === "branch" || !area.kind ? this.layers.areas : this.layers.marks);
        this.say(node, area.label);
        if (area.href) { node.classList.add("o2o-link-area"); node.addEventListener("click", () => { if (!this.moved) location.href = area.href; }); }
      }
      for (const point of this.data.points || []) {
        const [cx, cy] = this.project(point.lng, point.lat);
        const node = make("circle", { cx, cy, r: px * (point.kind === "branch" ? 6 : 4), class: `o2o-point-${point.kind}${point.own ? " o2o-point-own" : ""}`, "stroke-width": px }, this.layers.points);
        this.say(node, point.label);
        if (point.href) node.addEventListener("click", () => { if (!this.moved) location.href = point.href; });
      }
      for (const name of this.data.names || []) {
        const [x, y] = this.project(name.lng, name.lat);
        make("text", { x, y, "font-size": px * 12 }, this.layers.points).textContent = name.label;
      }
      this.drawPin();
    }

    drawPin() {
      this.layers.pin.replaceChildren();
      const px = this.unit();
      if (this.data.old) {
        const [cx, cy] = this.project(this.data.old[0], this.data.old[1]);
        make("circle", { cx, cy, r: px * 6, class: "o2o-pin-old", "stroke-width": px * 2 }, this.layers.pin);
      }
      const lng = parseFloat(this.lng?.value), lat = parseFloat(this.lat?.value);
      if (!this.lng || Number.isNaN(lng) || Number.isNaN(lat)) return;
      const [x, y] = this.project(lng, lat);
      this.pin = make("path", { d: "M0 0C-4-8-8-11-8-17A8 8 0 0 1 8-17C8-11 4-8 0 0Z", transform: `translate(${x} ${y}) scale(${px * 1.3})`, class: "o2o-pin" }, this.layers.pin);
    }

    say(node, text) {
      if (!text) return;
      make("title", {}, node).textContent = text;
      node.addEventListener("pointerenter", () => { this.tip.textContent = text; this.tip.hidden = false; });
      node.addEventListener("pointerleave", () => { this.tip.hidden = true; });
    }

    at(event) {
      const frame = this.svg.getBoundingClientRect();
      const x = this.view.x - this.view.w / 2 + (event.clientX - frame.left) * this.unit();
      const y = this.view.y - this.height() / 2 + (event.clientY - frame.top) * this.unit();
      return this.place(x, y);
    }

    setPin(event) {
      if (!this.lng) return;
      const [lng, lat] = this.at(event);
      this.lng.value = lng.toFixed(6);
      this.lat.value = lat.toFixed(6);
      if (this.datum) this.datum.value = "gcj02";
      this.drawPin();
    }

    listen() {
      let down = null;
      this.svg.addEventListener("pointerdown", (event) => {
        this.moved = false;
        down = { x: event.clientX, y: event.clientY, view: { ...this.view }, pin: event.target === this.pin };
      });
      this.svg.addEventListener("pointermove", (event) => {
        if (!down) return;
        const dx = event.clientX - down.x, dy = event.clientY - down.y;
        if (Math.hypot(dx, dy) < 4 && !this.moved) return;
        this.moved = true;
        if (down.pin) { this.setPin(event); return; }
        this.view.x = down.view.x - dx * this.unit();
        this.view.y = down.view.y - dy * this.unit();
        this.frame();
      });
      window.addEventListener("pointerup", (event) => {
        if (!down) return;
        if (!this.moved && this.svg.contains(event.target) && !event.target.closest(".o2o-sketch-points")) this.setPin(event);
        if (this.moved && !down.pin) this.fetch();
        down = null;
      });
      this.svg.addEventListener("wheel", (event) => { event.preventDefault(); this.zoom(event.deltaY > 0 ? 1.25 : 0.8); }, { passive: false });
      for (const input of [this.lng, this.lat]) input?.addEventListener("change", () => this.drawPin());
      new ResizeObserver(() => this.draw()).observe(this.box);
    }

    zoom(factor) {
      this.view.w = Math.min(MOST, Math.max(LEAST, this.view.w * factor));
      this.draw();
      this.fetch();
    }

    buttons() {
      const bar = Object.assign(document.createElement("div"), { className: "o2o-sketch-buttons" });
      for (const [text, act] of [["＋", () => this.zoom(0.6)], ["－", () => this.zoom(1.6)], ["⌂", () => { this.start(); this.draw(); this.fetch(); }]]) {
        const button = Object.assign(document.createElement("button"), { type: "button", textContent: text });
        button.addEventListener("click", act);
        bar.append(button);
      }
      return bar;
    }

    fetch() {
      if (!this.box.dataset.url) return;
      clearTimeout(this.timer);
      this.timer = setTimeout(async () => {
        const { x, y, w } = this.view, h = this.height();
        const [west, north] = this.place(x - w / 2, y - h / 2), [east, south] = this.place(x + w / 2, y + h / 2);
        const answer = await fetch(`${this.box.dataset.url}?${new URLSearchParams({ west, south, east, north })}`).catch(() => null);
        if (!answer?.ok) return;
        Object.assign(this.data, await answer.json());
        this.draw();
      }, 250);
    }
  }

  document.addEventListener("DOMContentLoaded", () => document.querySelectorAll(".o2o-sketch:not([data-editor])").forEach((box) => new Sketch(box)));
  window.O2OSketch = { Sketch, make, LEAST, MOST };
})();
