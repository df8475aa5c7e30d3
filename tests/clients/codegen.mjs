// Generate types for a project's operations: node codegen.mjs SCHEMA DOCUMENTS OUTPUT
import { generate } from "@graphql-codegen/cli";

const [schema, documents, output] = process.argv.slice(2);
await generate(
  {
    schema,
    documents,
    silent: true,
    generates: {
      [output]: {
        plugins: ["typescript-operations"],
        config: {
          strictScalars: true,
          scalars: {
            BigInt: "number",
            DateTime: "string",
            ExpectedErrorType: "Record<string, { message: string; code: string }[]>",
            GenericScalar: "Record<string, unknown>",
          },
        },
      },
    },
  },
  true,
);
