// Tidies a GraphQL text: two blanks per level, one field per line, arguments kept on their line. Strings and
// comments are left as they are.
"use strict";

const GraphqlFormat = (() => {
  const TOKEN = /"""[\s\S]*?"""|"(?:\\.|[^"\\\n])*"|#[^\n]*|\.\.\.|[A-Za-z_][A-Za-z0-9_]*|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|[{}()[\]:=!$@|&]|\n\s*\n/g;

  function tokens(text) {
    return text.match(TOKEN) || [];
  }

  // Two words side by side need a blank between them; punctuation says where it wants one.
  function gap(before, token) {
    if (!before) return "";
    if (token === ")" || token === "]" || token === ":" || token === "!" || token === "(") return "";
    if (before === "(" || before === "[" || before === "$" || before === "@") return "";
    if (before === "..." && token !== "on" && token !== "@" && token !== "{") return "";
    return " ";
  }

  function tidy(text) {
    const lines = [];
    let line = "", before = "", level = 0, brackets = 0;
    const flush = () => {
      if (line.trim()) lines.push("  ".repeat(level) + line.trim());
      line = "";
      before = "";
    };
    const all = tokens(text);
    all.forEach((token, index) => {
      if (/^\n/.test(token)) {
        if (!brackets && !line && lines.length && lines[lines.length - 1] !== "") lines.push("");
        return;
      }
      if (token[0] === "#") { flush(); lines.push("  ".repeat(level) + token); return; }
      // inside of brackets a value after a value is the next item
      if (brackets && /^[\w"$\-{[]/.test(token) && /[\w"!)\]}]$/.test(before)) line += ",";
      if (brackets && (token === "{" || token === "}")) {
        line += (token === "{" ? gap(before, token) : "") + token;
        brackets += token === "{" ? 1 : -1;
        before = token === "{" ? "(" : token;
        return;
      }
      if (token === "(" || token === "[") brackets += 1;
      if (token === ")" || token === "]") brackets -= 1;
      if (token === "{") { line += gap(before, token) + "{"; flush(); level += 1; return; }
      if (token === "}") { flush(); level = Math.max(0, level - 1); lines.push("  ".repeat(level) + "}"); return; }
      // a new field begins: a word after a word, or after what closes one, that is not its alias, type or directive
      const starts = !brackets && level > 0 && line && (/^[A-Za-z_]/.test(token) || token === "...") &&
        before !== ":" && before !== "@" && before !== "..." && before !== "on" && !/^\.\.\.\s*on$/.test(line.trim()) ;
      if (starts) flush();
      line += gap(before, token) + token;
      before = token;
    });
    flush();
    return lines.join("\n").replace(/\n{3,}/g, "\n\n").replace(/\}\n(?=(query|mutation|subscription|fragment)\b)/g, "}\n\n").trim() + "\n";
  }

  // Names of the operations of a text, in order; "" for one without a name.
  function operations(text) {
    const found = [];
    let level = 0, kind = null;
    for (const token of tokens(text)) {
      if (token === "{") {
        if (level === 0 && kind === null) found.push("");
        level += 1;
        kind = level ? "inside" : kind;
      } else if (token === "}") {
        level -= 1;
        if (level === 0) kind = null;
      } else if (level === 0) {
        if (kind === "operation" && /^[A-Za-z_]/.test(token)) { found.push(token); kind = "named"; }
        else if (kind === "operation") { found.push(""); kind = "named"; }
        else if (/^(query|mutation|subscription)$/.test(token) && kind === null) kind = "operation";
        else if (token === "fragment" && kind === null) kind = "fragment";
      }
    }
    return found;
  }

  return { tidy, operations };
})();
