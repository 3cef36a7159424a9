// The documentation of the schema, from its introspection: a stack of pages, and a search over everything.
"use strict";

const GraphqlDocs = (() => {
  const QUERY = `query Docs { __schema {
    queryType { name } mutationType { name }
    types { kind name description
      fields(includeDeprecated: true) { name description isDeprecated deprecationReason
        args { name description defaultValue type { ...T } } type { ...T } }
      inputFields { name description defaultValue type { ...T } }
      interfaces { name } possibleTypes { name }
      enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason } } } }
    fragment T on __Type { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } }`;
  const KINDS = { OBJECT: "对象", INPUT_OBJECT: "输入", ENUM: "枚举", SCALAR: "标量", INTERFACE: "接口", UNION: "联合" };
  const MOST = 80;

  let types = new Map(), roots = [], stack = [], insert = () => {};
  const doc = document.getElementById("doc"), crumbs = document.getElementById("crumbs"), search = document.getElementById("search");

  function element(tag, className, text) {
    const node = document.createElement(tag);
    if (className) node.className = className;
    if (text !== undefined) node.textContent = text;
    return node;
  }

  function typeText(type) {
    if (type.kind === "NON_NULL") return typeText(type.ofType) + "!";
    if (type.kind === "LIST") return "[" + typeText(type.ofType) + "]";
    return type.name;
  }

  function named(type) {
    while (type.ofType) type = type.ofType;
    return type.name;
  }

  function link(text, className, go) {
    const node = element("button", "link " + (className || ""), text);
    node.type = "button";
    node.addEventListener("click", go);
    return node;
  }

  function typeLink(type) {
    return link(typeText(type), "", () => open({ type: named(type) }));
  }

  function fieldRow(parent, field, isInput) {
    const row = element("div", "row");
    if (!isInput && roots.some((root) => root.name === parent.name)) {
      const add = element("button", "add", "＋");
      add.type = "button";
      add.title = "放进查询";
      add.addEventListener("click", () => insert(sample(parent, field)));
      row.append(add);
    }
    const name = isInput ? element("span", "k", field.name)
      : link(field.name, "field" + (field.isDeprecated ? " old" : ""), () => open({ type: parent.name, field: field.name }));
    row.append(name);
    if (field.args && field.args.length) row.append("(" + field.args.map((arg) => arg.name).join(", ") + ")");
    row.append(": ", typeLink(field.type));
    if (field.defaultValue) row.append(" = " + field.defaultValue);
    if (field.description) row.append(element("p", "", field.description));
    if (field.isDeprecated) row.append(element("p", "e", "已弃用：" + (field.deprecationReason || "")));
    return row;
  }

  function showRoot() {
    doc.append(element("p", "", "从这里开始："));
    for (const root of roots) {
      const row = element("div", "row");
      row.append(link(root.name, "field", () => open({ type: root.name })));
      row.append(element("p", "", (root.label) + "，" + types.get(root.name).fields.length + " 个字段"));
      doc.append(row);
    }
    doc.append(element("h4", "", "全部类型（" + types.size + "）"));
    for (const type of types.values()) {
      if (type.name.startsWith("__")) continue;
      const row = element("div", "row");
      row.append(link(type.name, "", () => open({ type: type.name })), "  " + KINDS[type.kind]);
      doc.append(row);
    }
  }

  function showType(type) {
    doc.append(element("h3", "", type.name), element("p", "", KINDS[type.kind]));
    if (type.description) doc.append(element("p", "", type.description));
    for (const [title, list] of [["实现", type.interfaces], ["可能是", type.possibleTypes]]) {
      if (!list || !list.length) continue;
      doc.append(element("h4", "", title));
      for (const item of list) {
        const row = element("div", "row");
        row.append(typeLink({ kind: "OBJECT", name: item.name }));
        doc.append(row);
      }
    }
    const fields = type.fields || type.inputFields;
    if (fields && fields.length) {
      doc.append(element("h4", "", "字段（" + fields.length + "）"));
      const sorted = roots.some((root) => root.name === type.name) ? [...fields].sort((a, b) => a.name.localeCompare(b.name)) : fields;
      for (const field of sorted) doc.append(fieldRow(type, field, !type.fields));
    }
    if (type.enumValues && type.enumValues.length) {
      doc.append(element("h4", "", "取值（" + type.enumValues.length + "）"));
      for (const value of type.enumValues) {
        const row = element("div", "row");
        row.append(element("span", "k" + (value.isDeprecated ? " old" : ""), value.name));
        if (value.description) row.append(element("p", "", value.description));
        doc.append(row);
      }
    }
  }

  function showField(type, name) {
    const field = type.fields.find((item) => item.name === name);
    doc.append(element("h3", "", type.name + "." + field.name));
    doc.append(fieldRow(type, field, false));
    if (field.args.length) {
      doc.append(element("h4", "", "参数（" + field.args.length + "）"));
      for (const arg of field.args) doc.append(fieldRow(type, arg, true));
    }
    const inner = types.get(named(field.type));
    if (inner && (inner.fields || inner.enumValues)) showType(inner);
  }

  function render() {
    doc.replaceChildren();
    doc.scrollTop = 0;
    crumbs.replaceChildren();
    [{ title: "接口" }, ...stack].forEach((page, index) => {
      const node = element("button", "", page.title || page.field || page.type);
      node.type = "button";
      node.addEventListener("click", () => { stack = stack.slice(0, index); search.value = ""; render(); });
      crumbs.append(node);
    });
    const page = stack[stack.length - 1];
    if (!page) showRoot();
    else if (page.field) showField(types.get(page.type), page.field);
    else showType(types.get(page.type));
  }

  function open(page) {
    if (!types.has(page.type)) return;
    stack.push(page);
    if (stack.length > 6) stack = stack.slice(-6);
    search.value = "";
    render();
  }

  function highlighted(text, needle) {
    const node = element("span"), at = text.toLowerCase().indexOf(needle);
    if (at < 0) { node.textContent = text; return node; }
    node.append(text.slice(0, at), element("mark", "", text.slice(at, at + needle.length)), text.slice(at + needle.length));
    return node;
  }

  function find() {
    const needle = search.value.trim().toLowerCase();
    if (!needle) { render(); return; }
    const hits = [];
    for (const type of types.values()) {
      if (type.name.startsWith("__")) continue;
      const names = [[{ type: type.name }, type.name, type.description]];
      for (const field of type.fields || []) names.push([{ type: type.name, field: field.name }, type.name + "." + field.name, field.description]);
      for (const field of [...(type.inputFields || []), ...(type.enumValues || [])]) names.push([{ type: type.name }, type.name + "." + field.name, field.description]);
      for (const [page, name, text] of names) {
        const own = name.split(".").pop().toLowerCase();
        const rank = own === needle ? 0 : own.startsWith(needle) ? 1 : own.includes(needle) ? 2 : (text || "").toLowerCase().includes(needle) ? 3 : -1;
        if (rank >= 0) hits.push({ rank, page, name, text });
      }
    }
    hits.sort((a, b) => a.rank - b.rank || a.name.length - b.name.length || a.name.localeCompare(b.name));
    doc.replaceChildren(element("p", "", hits.length ? "找到 " + hits.length + " 项" + (hits.length > MOST ? "，显示前 " + MOST + " 项" : "") : "没有找到"));
    for (const hit of hits.slice(0, MOST)) {
      const row = element("div", "row"), go = link("", "field", () => open(hit.page));
      go.append(highlighted(hit.name, needle));
      row.append(go);
      if (hit.text) { const text = element("p"); text.append(highlighted(hit.text, needle)); row.append(text); }
      doc.append(row);
    }
  }

  // A query to begin with: required arguments as variables, scalar fields of the answer.
  function sample(parent, field) {
    const needed = field.args.filter((arg) => arg.type.kind === "NON_NULL" || arg.name === "first");
    const declared = needed.map((arg) => "$" + arg.name + ": " + typeText(arg.type)).join(", ");
    const passed = needed.map((arg) => arg.name + ": $" + arg.name).join(", ");
    const keyword = parent.name === roots[0].name ? "query" : "mutation";
    const title = field.name.charAt(0).toUpperCase() + field.name.slice(1);
    const text = keyword + " " + title + (declared ? "(" + declared + ")" : "") + " {\n  " + field.name + (passed ? "(" + passed + ")" : "") + leaves(field.type, 1) + "\n}\n";
    const variables = Object.fromEntries(needed.map((arg) => [arg.name, arg.name === "first" ? 10 : null]));
    return { text, variables };
  }

  function leaves(type, level) {
    const inner = types.get(named(type));
    if (!inner || !inner.fields) return "";
    const pad = "  ".repeat(level + 1);
    const byName = (name) => inner.fields.find((item) => item.name === name);
    if (byName("edges") && level < 3) return " {\n" + pad + "totalCount\n" + pad + "edges {\n" + pad + "  node" + leaves(types.get(named(byName("edges").type)).fields.find((item) => item.name === "node").type, level + 2) + "\n" + pad + "}\n" + "  ".repeat(level) + "}";
    const simple = inner.fields.filter((item) => !item.isDeprecated && !item.args.some((arg) => arg.type.kind === "NON_NULL") && !(types.get(named(item.type)) || {}).fields).slice(0, 6).map((item) => item.name);
    const errors = inner.fields.find((item) => item.name === "errors");
    if (errors) simple.push("errors {\n" + pad + "  field\n" + pad + "  message\n" + pad + "}");
    return " {\n" + pad + (simple.length ? simple : ["__typename"]).join("\n" + pad) + "\n" + "  ".repeat(level) + "}";
  }

  async function load(send, onInsert) {
    insert = onInsert;
    try {
      const { body } = await send({ query: QUERY }, {});
      const schema = body.data.__schema;
      types = new Map(schema.types.sort((a, b) => a.name.localeCompare(b.name)).map((type) => [type.name, type]));
      roots = [{ name: schema.queryType.name, label: "查询：读取数据" }];
      if (schema.mutationType) roots.push({ name: schema.mutationType.name, label: "变更：修改数据" });
      render();
    } catch (error) {
      doc.replaceChildren(element("p", "e", "读不到接口结构：" + error.message));
    }
  }

  search.addEventListener("input", find);
  return { load };
})();
