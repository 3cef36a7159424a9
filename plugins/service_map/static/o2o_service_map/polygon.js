// Arithmetic of boundaries, in degrees: areas, crossings, the nearest spot of an edge. Nothing here touches the page.
(() => {
  "use strict";
  const EARTH = 6371008.8, RAD = Math.PI / 180;

  // rings without the repeated last point, a list of them per part
  const parts = (geojson) => {
    if (!geojson) return [];
    const found = geojson.type === "MultiPolygon" ? geojson.coordinates : [geojson.coordinates];
    return found.map((part) => part.map((ring) => ring.slice(0, -1).map(([lng, lat]) => [lng, lat])));
  };

  const geojson = (found) => {
    const closed = found.map((part) => part.map((ring) => [...ring, ring[0]]));
    if (!closed.length) return null;
    return closed.length === 1 ? { type: "Polygon", coordinates: closed[0] } : { type: "MultiPolygon", coordinates: closed };
  };

  const ringKm2 = (ring) => {
    let sum = 0;
    const flat = ring.map(([lng, lat]) => [EARTH * lng * RAD * Math.cos(lat * RAD), EARTH * lat * RAD]);
    flat.forEach(([x, y], at) => { const [x2, y2] = flat[(at + 1) % flat.length]; sum += x * y2 - x2 * y; });
    return Math.abs(sum) / 2e6;
  };
  const km2 = (found) => found.reduce((sum, [shell, ...holes]) => sum + ringKm2(shell) - holes.reduce((all, hole) => all + ringKm2(hole), 0), 0);

  const side = (a, b, c) => (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
  const crossing = (a, b, c, d) => {
    const s1 = side(a, b, c), s2 = side(a, b, d), s3 = side(c, d, a), s4 = side(c, d, b);
    if (s1 * s2 >= 0 || s3 * s4 >= 0) return null;
    const t = s1 / (s1 - s2);
    return [c[0] + t * (d[0] - c[0]), c[1] + t * (d[1] - c[1])];
  };

  // where lines cross, of all rings among each other; the first `most` spots
  const crossings = (found, most = 20) => {
    const edges = [];
    for (const part of found) for (const ring of part) ring.forEach((a, at) => {
      const b = ring[(at + 1) % ring.length];
      edges.push({ a, b, west: Math.min(a[0], b[0]), east: Math.max(a[0], b[0]) });
    });
    edges.sort((one, other) => one.west - other.west);
    const spots = [];
    for (let i = 0; i < edges.length; i++) {
      for (let j = i + 1; j < edges.length && edges[j].west <= edges[i].east; j++) {
        const spot = crossing(edges[i].a, edges[i].b, edges[j].a, edges[j].b);
        if (spot) { spots.push(spot); if (spots.length >= most) return spots; }
      }
    }
    return spots;
  };

  // the nearest spot of the segment a–b, where x counts `narrow`
  const onEdge = (point, a, b, narrow) => {
    const dx = (b[0] - a[0]) * narrow, dy = b[1] - a[1], long = dx * dx + dy * dy;
    const t = long ? Math.max(0, Math.min(1, ((point[0] - a[0]) * narrow * dx + (point[1] - a[1]) * dy) / long)) : 0;
    return [a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])];
  };

  // the neighbour's corner within reach, else the nearest spot of its edges, else the point itself
  const snap = (point, others, reach, narrow) => {
    const far = (spot) => Math.hypot((spot[0] - point[0]) * narrow, spot[1] - point[1]);
    let corner = null, cornerFar = reach, edge = null, edgeFar = reach;
    for (const part of others) for (const ring of part) ring.forEach((a, at) => {
      const away = far(a);
      if (away < cornerFar) { corner = a; cornerFar = away; }
      const spot = onEdge(point, a, ring[(at + 1) % ring.length], narrow), beside = far(spot);
      if (beside < edgeFar) { edge = spot; edgeFar = beside; }
    });
    return corner ? [...corner] : edge || point;
  };

  window.O2OPolygon = { parts, geojson, km2, crossings, snap, onEdge };
})();
