// Generate types for the operations of projects: node codegen.mjs SCALARS PROJECT=OUTPUT ...
import { generate } from "@graphql-codegen/cli";

const [scalars, ...projects] = process.argv.slice(2);
const generates = {};
for (const argument of projects) {
  const [folder, output] = argument.split("=");
  generates[output] = {
    schema: `${folder}/schema.graphql`,
    documents: `${folder}/docs/operations.graphql`,
    plugins: ["typescript-operations"],
    // The README has them in the notation of a configuration in JavaScript.
    config: { strictScalars: true, scalars: new Function(`return ${scalars}`)() },
  };
}
await generate({ silent: true, generates }, true);
