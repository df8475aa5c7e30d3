// A plugin for prettier that formats JSON, in place of the half megabyte that reads JavaScript too.
import { applyEdits, format } from "jsonc-parser";

export const parsers = {
  jsonc: { parse: (text) => ({ text }), astFormat: "text", locStart: () => 0, locEnd: (node) => node.text.length },
};

export const printers = {
  text: {
    print: ({ node }) => applyEdits(node.text, format(node.text, undefined, { tabSize: 2, insertSpaces: true })),
  },
};
