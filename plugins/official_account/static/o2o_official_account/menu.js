// The menu as the telephone shows it, and the button that is being edited. The server checks everything once more.
"use strict";
(() => {
  const form = document.getElementById("oaMenu");
  if (!form) { return; }
  const data = JSON.parse(document.getElementById("oaData").textContent);
  const { types, limits } = data;
  const bar = document.getElementById("oaBar");
  const edit = document.getElementById("oaEdit");
  const WORDS = { key: "KEY（自动回复按它应答）", url: "网址", appid: "小程序 AppID", pagepath: "小程序页面", media_id: "素材 media_id" };
  const menu = Array.isArray(data.buttons) ? data.buttons : [];
  let chosen = menu.length ? [0, -1] : null;   // [top, below], below -1: the top one itself

  const bytes = (text) => new TextEncoder().encode(text).length;
  const width = (text) => [...text].reduce((sum, one) => sum + (one.codePointAt(0) > 0xff ? 1 : 0.5), 0);
  function shown(name, most) {
    if (width(name) <= most) { return name; }
    let out = "", sum = 0;
    for (const one of name) { sum += width(one); if (sum > most) { break; } out += one; }
    return out + "…";
  }
  const make = (tag, props, ...inside) => { const node = Object.assign(document.createElement(tag), props); node.append(...inside); return node; };
  const below = (top) => (top.sub_button = Array.isArray(top.sub_button) ? top.sub_button : []);
  const limit = (isTop) => (isTop ? [limits.topBytes, limits.topShown] : [limits.belowBytes, limits.belowShown]);
  const isBad = (one, isTop) => !one.name || bytes(one.name) > limit(isTop)[0] || (!(one.sub_button || []).length && !types[one.type]);

  function slot(one, isTop, place, words) {
    const node = make("button", { type: "button", textContent: words });
    const on = chosen && chosen[0] === place[0] && chosen[1] === place[1];
    node.className = (on ? "is-on " : "") + (one ? (isBad(one, isTop) ? "is-bad" : "") : "is-new");
    return node;
  }

  function draw() {
    bar.replaceChildren();
    menu.forEach((top, at) => {
      const box = make("div", { className: "o2o-oa-slot" });
      if (chosen && chosen[0] === at) {
        const list = make("div", { className: "o2o-oa-below" });
        below(top).forEach((one, number) => {
          const node = slot(one, false, [at, number], shown(one.name || "（未命名）", limits.belowShown));
          node.addEventListener("click", () => { chosen = [at, number]; all(); });
          list.append(node);
        });
        if (below(top).length < limits.below) {
          const add = slot(null, false, [at, -2], "＋");
          add.title = "加一个二级按钮";
          add.addEventListener("click", () => { below(top).push({ name: "", type: "view" }); chosen = [at, below(top).length - 1]; all(); });
          list.append(add);
        }
        box.append(list);
      }
      const node = slot(top, true, [at, -1], ((top.sub_button || []).length ? "≡ " : "") + shown(top.name || "（未命名）", limits.topShown));
      node.addEventListener("click", () => { chosen = [at, -1]; all(); });
      box.append(node);
      bar.append(box);
    });
    if (menu.length < limits.top) {
      const add = slot(null, true, [-2, -2], "＋");
      add.title = "加一个一级按钮";
      add.addEventListener("click", () => { menu.push({ name: "", type: "view" }); chosen = [menu.length - 1, -1]; all(); });
      bar.append(make("div", { className: "o2o-oa-slot" }, add));
    }
    form.elements.buttons.value = JSON.stringify(menu);
  }

  function line(words, value, tell, after) {
    const input = make("input", { value: value || "", autocomplete: "off" });
    const label = make("label", {}, words, input);
    if (after) { label.append(after); }
    input.addEventListener("input", () => { tell(input.value); draw(); });
    return label;
  }

  function ask() {
    edit.replaceChildren();
    if (!chosen || !menu[chosen[0]]) {
      edit.append(make("p", { className: "o2o-act-help", textContent: "点左边手机下方的“＋”，加第一个按钮。" }));
      return;
    }
    const top = menu[chosen[0]];
    const isTop = chosen[1] < 0;
    const one = isTop ? top : below(top)[chosen[1]];
    const [most, chars] = limit(isTop);
    edit.append(make("h3", { textContent: isTop ? "一级按钮" : "二级按钮" }));
    const count = make("span", { className: "o2o-oa-count" });
    const say = () => {
      const size = bytes(one.name || ""), wide = width(one.name || "");
      count.className = "o2o-oa-count" + (size > most ? " is-bad" : wide > chars ? " is-cut" : "");
      count.textContent = `${size} / ${most} 字节；手机显示 ${chars} 个汉字` + (size > most ? "，太长，不能保存" : wide > chars ? `，会显示成“${shown(one.name, chars)}”` : "");
    };
    edit.append(line("名称", one.name, (value) => { one.name = value; say(); }, count));
    say();
    if (isTop && below(top).length) {
      edit.append(make("p", { className: "o2o-act-help", textContent: "有二级按钮时，点一级按钮只展开二级菜单。" }));
    } else {
      const select = make("select", {});
      Object.entries(types).forEach(([kind, about]) => select.append(make("option", { value: kind, textContent: about.words, selected: kind === one.type })));
      select.addEventListener("change", () => { one.type = select.value; all(); });
      edit.append(make("label", {}, "点击后", select));
      ((types[one.type] || {}).needs || []).forEach((need) => edit.append(line(WORDS[need], one[need], (value) => { one[need] = value; })));
    }
    const row = isTop ? menu : below(top);
    const at = isTop ? chosen[0] : chosen[1];
    const step = (by) => {
      row.splice(at + by, 0, row.splice(at, 1)[0]);
      chosen = isTop ? [at + by, -1] : [chosen[0], at + by];
      all();
    };
    const tool = (words, enabled, work) => { const node = make("button", { type: "button", textContent: words, disabled: !enabled }); node.addEventListener("click", work); return node; };
    edit.append(make("div", { className: "o2o-oa-tools" },
      tool("前移", at > 0, () => step(-1)), tool("后移", at < row.length - 1, () => step(1)),
      tool("删除这个按钮", true, () => { row.splice(at, 1); chosen = isTop ? (menu.length ? [Math.max(0, at - 1), -1] : null) : [chosen[0], row.length ? Math.max(0, at - 1) : -1]; all(); })));
  }

  function all() { draw(); ask(); }
  const kind = form.elements.kind;
  const personal = () => form.classList.toggle("is-personal", kind.value === "personal");
  kind.addEventListener("change", personal);
  personal();
  all();
})();
