// The one worker script of all three kinds of worker that Monaco starts; it names a worker by its kind.
import { initialize } from "monaco-editor/esm/vs/editor/editor.worker.js";
import { GraphQLWorker } from "monaco-graphql/esm/GraphQLWorker.js";
// This one listens by itself. It serves the editor's own worker too, which asks for no language.
import "monaco-editor/esm/vs/language/json/json.worker.js";

if (self.name === "graphql") {
  self.onmessage = () => initialize((context, options) => new GraphQLWorker(context, options));
}
