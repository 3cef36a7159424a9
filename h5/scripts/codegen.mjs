// Writes src/api/generated.ts: one typed document for each operation, from the platform's committed schema.
// `--check`: writes nothing and fails when the file is not what the schema and the operations say.
import { readFile, readdir, writeFile } from "node:fs/promises";
import { codegen } from "@graphql-codegen/core";
import * as operations from "@graphql-codegen/typescript-operations";
import * as documents from "@graphql-codegen/typed-document-node";
import { buildSchema, parse, validate } from "graphql";

const here = new URL("..", import.meta.url);
const target = new URL("src/api/generated.ts", here);
const folder = new URL("src/api/operations/", here);

// the platform's printer is of 2018: it writes "implements A, B" where today's grammar wants "A & B"
const printed = (await readFile(new URL("../schema.graphql", here), "utf8")).replace(
  /^(type \w+ implements )([^{]+)/gm,
  (_line, head, interfaces) => head + interfaces.replaceAll(",", " &"),
);
const schema = buildSchema(printed);
const names = (await readdir(folder)).filter((name) => name.endsWith(".graphql")).sort();
const texts = await Promise.all(names.map((name) => readFile(new URL(name, folder), "utf8")));
const whole = parse(texts.join("\n"));
const wrong = validate(schema, whole);
if (wrong.length) {
  console.error(wrong.map((error) => error.toString()).join("\n\n"));
  process.exit(1);
}

const written = await codegen({
  schema: parse(printed),
  documents: [{ location: "operations", document: whole }],
  filename: "generated.ts",
  config: {
    useTypeImports: true,
    skipTypename: true,
    enumsAsTypes: true,
    enumType: "string-literal",
    onlyOperationTypes: true,
    documentMode: "string",
    scalars: { Decimal: "number", DateTime: "string", Date: "string", UUID: "string", Upload: "File", JSONString: "string" },
  },
  plugins: [{ operations: {} }, { documents: {} }],
  pluginMap: { operations, documents },
});
const text = `// Written by scripts/codegen.mjs from schema.graphql and src/api/operations: do not edit.\n${written}`;

if (process.argv.includes("--check")) {
  const present = await readFile(target, "utf8").catch(() => "");
  if (present !== text) {
    console.error("src/api/generated.ts 与 schema.graphql 不一致：运行 ./o2o h5 codegen");
    process.exit(1);
  }
} else {
  await writeFile(target, text);
}
