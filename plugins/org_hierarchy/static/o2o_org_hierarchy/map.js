// The map of units: a canvas with points and service areas, panned and zoomed, fetched by window. No tiles of others.
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  const box = document.getElementById("o2o-map");
  const canvas = box.querySelector("canvas");
  const tip = box.querySelector(".o2o-map-tip");
  const note = box.querySelector(".o2o-map-note");
  const bounds = JSON.parse(document.getElementById("o2o-map-bounds").textContent);
  const pen = canvas.getContext("2d");
  const COLOURS = { 1: "#b91c1c", 2: "#c2410c", 3: "#1d4ed8", 4: "#00854a", 5: "#6b7280" };
  const SIZES = { 1: 9, 2: 7, 3: 6, 4: 4, 5: 2.5 };
  // A degree of longitude is shorter than one of latitude.
  const squeeze = Math.cos((((bounds[1] + bounds[3]) / 2) * Math.PI) / 180);
  let view, points = [], cells = [], areas = [], timer, asked = 0;

  const whole = () => {
    const scale = Math.min(box.clientWidth / ((bounds[2] - bounds[0]) * squeeze), box.clientHeight / (bounds[3] - bounds[1]));
    view = { lng: (bounds[0] + bounds[2]) / 2, lat: (bounds[1] + bounds[3]) / 2, scale };
  };
  const x = (lng) => box.clientWidth / 2 + (lng - view.lng) * squeeze * view.scale;
  const y = (lat) => box.clientHeight / 2 - (lat - view.lat) * view.scale;
  const lngAt = (px) => view.lng + (px - box.clientWidth / 2) / (squeeze * view.scale);
  const latAt = (py) => view.lat - (py - box.clientHeight / 2) / view.scale;

  const draw = () => {
    const sharp = window.devicePixelRatio || 1;
    canvas.width = box.clientWidth * sharp;
    canvas.height = box.clientHeight * sharp;
    pen.setTransform(sharp, 0, 0, sharp, 0, 0);
    const dark = document.documentElement.classList.contains("dark");
    if (document.getElementById("o2o-map-areas").checked) {
      pen.lineWidth = 1;
      pen.strokeStyle = "rgba(0,133,74,.7)";
      pen.fillStyle = "rgba(0,133,74,.10)";
      areas.forEach(([, , area]) => {
        const parts = area.type === "Polygon" ? [area.coordinates] : area.coordinates;
        parts.forEach((rings) => {
          pen.beginPath();
          rings.forEach((ring) => {
            ring.forEach(([lng, lat], at) => (at ? pen.lineTo(x(lng), y(lat)) : pen.moveTo(x(lng), y(lat))));
            pen.closePath();
          });
          pen.fill("evenodd");
          pen.stroke();
        });
      });
    }
    counted(dark);
    [...points].reverse().forEach(([, lng, lat, level, status]) => {
      pen.beginPath();
      pen.arc(x(lng), y(lat), SIZES[level], 0, 7);
      pen.fillStyle = COLOURS[level];
      pen.globalAlpha = status === "active" ? 0.9 : 0.4;
      pen.fill();
      pen.globalAlpha = 1;
      if (level < 5) { pen.lineWidth = 1; pen.strokeStyle = dark ? "#111" : "#fff"; pen.stroke(); }
    });
    names(dark);
  };

  // Where there are too many points: how many, each number in a circle that grows with it.
  const wide = (number) => 9 + 4 * Math.log10(number);
  const counted = (dark) => {
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.font = "11px system-ui, sans-serif";
    cells.forEach(([lng, lat, number]) => {
      pen.beginPath();
      pen.arc(x(lng), y(lat), wide(number), 0, 7);
      pen.fillStyle = dark ? "rgba(156,163,175,.55)" : "rgba(107,114,128,.45)";
      pen.fill();
      pen.fillStyle = dark ? "#f9fafb" : "#111827";
      pen.fillText(number, x(lng), y(lat));
    });
    pen.textAlign = "start";
    pen.textBaseline = "alphabetic";
  };

  // Names where there is room: the higher levels first, no two over each other.
  const names = (dark) => {
    pen.font = "12px system-ui, 'Noto Sans CJK SC', sans-serif";
    pen.lineWidth = 3;
    pen.strokeStyle = dark ? "rgba(17,24,39,.9)" : "rgba(255,255,255,.9)";
    pen.fillStyle = dark ? "#e5e7eb" : "#1f2937";
    const taken = [];
    const seen = points.filter(([, lng, lat]) => x(lng) >= 0 && y(lat) >= 0 && x(lng) <= box.clientWidth && y(lat) <= box.clientHeight);
    // Far away, the branches would hide the counties.
    const deepest = seen.length > 150 ? 3 : 5;
    seen.filter((one) => one[3] <= deepest).slice(0, 600).forEach(([, lng, lat, level, , name]) => {
      const left = x(lng) + SIZES[level] + 3, top = y(lat) - 7, width = pen.measureText(name).width;
      if (taken.some(([l, t, w]) => left < l + w + 4 && l < left + width + 4 && Math.abs(t - top) < 15)) return;
      taken.push([left, top, width]);
      pen.strokeText(name, left, top + 11);
      pen.fillText(name, left, top + 11);
    });
  };

  const load = async () => {
    const turn = ++asked;
    const levels = [...document.querySelectorAll("#o2o-map-levels input[value]:checked")].map((one) => one.value).filter((one) => /^[1-5]$/.test(one));
    if (!levels.length) { points = []; cells = []; areas = []; note.textContent = ""; draw(); return; }
    const w = box.clientWidth, h = box.clientHeight;
    const window_ = [lngAt(-w / 4), latAt(h * 1.25), lngAt(w * 1.25), latAt(-h / 4)].map((one) => one.toFixed(5));
    try {
      const response = await fetch(`${box.dataset.url}?levels=${levels}&box=${window_}`, { credentials: "same-origin" });
      if (!response.ok) throw new Error(String(response.status));
      const answer = await response.json();
      if (turn !== asked) return;
      points = answer.points;
      cells = answer.cells;
      areas = answer.areas;
      const all = points.length + cells.reduce((sum, one) => sum + one[2], 0);
      note.textContent = answer.more ? box.dataset.more : cells.length ? `${all.toLocaleString("zh-CN")} ${box.dataset.counted}` : points.length ? `${points.length} ${box.dataset.count}` : box.dataset.none;
      draw();
    } catch (error) {
      note.textContent = box.dataset.failed;
    }
  };
  const soon = () => { clearTimeout(timer); timer = setTimeout(load, 250); };

  const zoom = (factor, px = box.clientWidth / 2, py = box.clientHeight / 2) => {
    const lng = lngAt(px), lat = latAt(py);
    view.scale = Math.min(Math.max(view.scale * factor, 20), 400000);
    view.lng = lng - (px - box.clientWidth / 2) / (squeeze * view.scale);
    view.lat = lat + (py - box.clientHeight / 2) / view.scale;
    draw();
    soon();
  };
  // A finger is wider than the arrow of a mouse: the nearest point within its reach.
  const near = (px, py, reach = 3) => {
    let best = null, distance = Infinity;
    points.forEach((one) => {
      const away = Math.hypot(x(one[1]) - px, y(one[2]) - py) - SIZES[one[3]];
      if (away <= reach && away < distance) { best = one; distance = away; }
    });
    return best;
  };
  const cellAt = (px, py) => cells.find(([lng, lat, number]) => Math.hypot(x(lng) - px, y(lat) - py) <= wide(number));
  const open = (found) => { window.location.href = `${box.dataset.page}${found[0]}/change/`; };
  const say = (found, px, py, touch) => {
    tip.hidden = !found;
    if (!found) return;
    tip.textContent = `${found[5]}  ${found[6]}`;
    tip.classList.toggle("o2o-map-tip-touch", touch);
    tip.onclick = touch ? () => open(found) : null;
    if (touch) {
      const go = document.createElement("b");
      go.textContent = box.dataset.open;
      tip.append(go);
    }
    tip.style.left = `${Math.max(4, Math.min(px + 12, box.clientWidth - 230))}px`;
    tip.style.top = `${Math.min(py + 12, box.clientHeight - 60)}px`;
  };

  // One pointer moves the map, two zoom it. With a finger the first tap says what is there, the next one opens it.
  const held = new Map();
  let from = null, moved = false, apart = 0;
  const spread = () => {
    const [one, other] = [...held.values()];
    return { apart: Math.hypot(one[0] - other[0], one[1] - other[1]), px: (one[0] + other[0]) / 2, py: (one[1] + other[1]) / 2 };
  };
  canvas.addEventListener("pointerdown", (event) => {
    held.set(event.pointerId, [event.offsetX, event.offsetY]);
    canvas.setPointerCapture(event.pointerId);
    if (held.size === 2) {
      from = null;
      moved = true;
      apart = spread().apart;
      return;
    }
    from = [event.offsetX, event.offsetY, view.lng, view.lat];
    moved = false;
  });
  canvas.addEventListener("pointermove", (event) => {
    if (held.has(event.pointerId)) held.set(event.pointerId, [event.offsetX, event.offsetY]);
    if (held.size === 2) {
      const fingers = spread();
      if (apart > 0 && fingers.apart > 0) zoom(fingers.apart / apart, fingers.px, fingers.py);
      apart = fingers.apart;
      return;
    }
    if (from) {
      const dx = event.offsetX - from[0], dy = event.offsetY - from[1];
      moved = moved || Math.hypot(dx, dy) > (event.pointerType === "mouse" ? 4 : 10);
      if (!moved) return;
      tip.hidden = true;
      view.lng = from[2] - dx / (squeeze * view.scale);
      view.lat = from[3] + dy / view.scale;
      draw();
      return;
    }
    if (event.pointerType !== "mouse") return;
    const found = near(event.offsetX, event.offsetY);
    canvas.style.cursor = found || cellAt(event.offsetX, event.offsetY) ? "pointer" : "grab";
    say(found, event.offsetX, event.offsetY, false);
  });
  const release = (event) => {
    held.delete(event.pointerId);
    if (held.size) { // one finger of two is left: it goes on moving the map from here
      const [[px, py]] = [...held.values()];
      from = [px, py, view.lng, view.lat];
      return false;
    }
    from = null;
    return true;
  };
  canvas.addEventListener("pointercancel", release);
  canvas.addEventListener("pointerup", (event) => {
    if (!release(event)) return;
    if (moved) { soon(); return; }
    const touch = event.pointerType !== "mouse";
    const found = near(event.offsetX, event.offsetY, touch ? 14 : 3);
    if (!found) {
      tip.hidden = true;
      if (cellAt(event.offsetX, event.offsetY)) zoom(2.5, event.offsetX, event.offsetY);
      return;
    }
    if (touch) say(found, event.offsetX, event.offsetY, true);
    else open(found);
  });
  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    zoom(event.deltaY < 0 ? 1.25 : 0.8, event.offsetX, event.offsetY);
  }, { passive: false });
  box.addEventListener("keydown", (event) => {
    if (event.key === "+" || event.key === "=") zoom(1.5);
    if (event.key === "-") zoom(1 / 1.5);
  });
  document.getElementById("o2o-map-in").addEventListener("click", () => zoom(1.5));
  document.getElementById("o2o-map-out").addEventListener("click", () => zoom(1 / 1.5));
  document.getElementById("o2o-map-all").addEventListener("click", () => { whole(); draw(); load(); });
  document.getElementById("o2o-map-areas").addEventListener("change", draw);
  document.querySelectorAll("#o2o-map-levels input[value]").forEach((one) => one.addEventListener("change", load));
  new ResizeObserver(draw).observe(box);
  whole();
  // Whoever sees a part of the city starts with that part.
  load().then(() => {
    if (!points.length) return;
    const lngs = points.map((one) => one[1]), lats = points.map((one) => one[2]);
    const wide = Math.max(Math.max(...lngs) - Math.min(...lngs), 0.02) * squeeze, high = Math.max(Math.max(...lats) - Math.min(...lats), 0.02);
    view = { lng: (Math.max(...lngs) + Math.min(...lngs)) / 2, lat: (Math.max(...lats) + Math.min(...lats)) / 2,
      scale: 0.85 * Math.min(box.clientWidth / wide, box.clientHeight / high) };
    load();
  });
});
