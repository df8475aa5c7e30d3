// Bundles GraphiQL for the rendered project; see "make graphiql".
import { build } from "esbuild";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const outdir = here("../<<cookiecutter.project_slug>>/endpoint/static/graphiql");

rmSync(outdir, { recursive: true, force: true });
const result = await build({
  absWorkingDir: here("."),
  entryPoints: ["src/graphiql.jsx", "src/worker.js"],
  outdir,
  bundle: true,
  minify: true,
  metafile: true,
  format: "iife",
  target: "es2022",
  jsx: "automatic",
  define: { "process.env.NODE_ENV": '"production"' },
  loader: { ".ttf": "file" },
  assetNames: "[name]",
  legalComments: "none", // they are in LICENSES.txt
  logLevel: "info",
  alias: {
    "monaco-editor/esm/vs/editor/edcore.main.js": here("src/monaco.js"),
    "prettier/parser-babel": here("src/prettier-json.js"),
    "prettier/parser-graphql": "prettier/plugins/graphql",
    "prettier/plugins/estree": here("src/prettier-json.js"),
  },
});
writeFileSync(join(outdir, "LICENSES.txt"), licenses(bundled(result.metafile)));

/** List the folders of the packages of which something is in the output. */
function bundled({ outputs }) {
  const inputs = Object.values(outputs).flatMap((output) => Object.keys(output.inputs));
  return [...new Set(inputs.map((path) => path.match(/^.*node_modules\/(@[^/]+\/)?[^/]+/)?.[0]))].filter(Boolean).sort();
}

/** Return the name, version and license of each package, with the texts that it comes with. */
function licenses(folders) {
  const texts = folders.map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(here(join(folder, "package.json"))));
    const files = readdirSync(here(folder)).filter((file) => /^(licen[cs]e|notice|third-?party-?notices)/i.test(file));
    const read = (file) => readFileSync(here(join(folder, file)), "utf8").trim();
    return [`${name} ${version}: ${license}`, ...files.map(read)].join("\n\n");
  });
  return `${[...new Set(texts)].join(`\n\n${"=".repeat(80)}\n\n`)}\n`;
}
