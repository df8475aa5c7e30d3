import { useGraphiQL, useGraphiQLActions } from "@graphiql/react";
import { GraphiQL } from "graphiql";
import { useCallback, useEffect, useRef, useState } from "react";
import { createRoot } from "react-dom/client";

import { LoginNote, readLogin, readRejection } from "./login.jsx";
import { storageFor } from "./storage.js";

import "@graphiql/plugin-doc-explorer/style.css";
import "@graphiql/plugin-history/style.css";
import "@graphiql/react/style.css";
import "graphiql/graphiql.css";
import "./graphiql.css";

const { tabs, links, worker } = JSON.parse(document.getElementById("graphiql-settings").textContent);
const storage = storageFor(tabs);
const name = { __html: document.getElementById("graphiql-name").innerHTML };

globalThis.MonacoEnvironment = { getWorkerUrl: () => worker };

/** Send an operation to the endpoint, which has the page's own address; tell whether that sent the token. */
async function send({ query, variables, operationName }, token, headers) {
  const all = new Headers({ "Content-Type": "application/json" });
  if (token) {
    all.set("Authorization", `JWT ${token}`);
  }
  // What is written in the editor goes before what this page adds.
  Object.entries(headers ?? {}).forEach(([header, value]) => all.set(header, value));
  // For a moment after a change of tabs, GraphiQL still names the operation of the tab before.
  const name = query.includes(operationName) ? operationName : null;
  const body = JSON.stringify({ query, variables, operationName: name });
  const response = await fetch(window.location.pathname, { method: "POST", headers: all, body });
  if (!response.headers.get("Content-Type")?.startsWith("application/json")) {
    throw new Error(`The server answered ${response.status} ${response.statusText}. Its own output may tell more.`);
  }
  return { answer: await response.json(), sentToken: all.get("Authorization") === `JWT ${token}` };
}

/** Lets the editors follow the system from light to dark and back; GraphiQL itself lets only the rest follow. */
function SystemTheme() {
  const { setTheme } = useGraphiQLActions();
  const theme = useGraphiQL((state) => state.theme);
  useEffect(() => {
    const dark = window.matchMedia("(prefers-color-scheme: dark)");
    const follow = () => {
      if (!theme) {
        setTheme(null); // a theme of its own is not set: this reads the system's again
      }
    };
    dark.addEventListener("change", follow);
    return () => dark.removeEventListener("change", follow);
  }, [theme, setTheme]);
}

/** Shows the variables of the tab that is open: GraphiQL keeps its tabs in the browser, but starts without those. */
function FirstVariables() {
  const editor = useGraphiQL((state) => state.variableEditor);
  const variables = useGraphiQL((state) => state.tabs[state.activeTabIndex]?.variables);
  const isShown = useRef(false);
  useEffect(() => {
    if (editor && !isShown.current) {
      isShown.current = true;
      if (variables && !editor.getValue()) {
        editor.setValue(variables);
      }
    }
  }, [editor, variables]);
}

/** Lets Ctrl+Enter, or Command+Enter, run the operation wherever the focus is; GraphiQL's own is in its editors alone. */
function RunByKeyboard() {
  const { run } = useGraphiQLActions();
  useEffect(() => {
    const press = (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        event.stopPropagation();
        run();
      }
    };
    // Before the editor that has the focus, which would run it once more.
    window.addEventListener("keydown", press, { capture: true });
    return () => window.removeEventListener("keydown", press, { capture: true });
  }, [run]);
}

function Page() {
  const [login, setLogin] = useState(null);
  const token = useRef();
  token.current = login?.token;
  // Always the same function: given another one, GraphiQL would ask for the schema again.
  const fetcher = useCallback(async (operation, { headers } = {}) => {
    const sent = token.current;
    const { answer, sentToken } = await send(operation, sent, headers);
    setLogin((before) => readLogin(answer) ?? (sentToken && before?.token === sent ? readRejection(answer, before) : before));
    return answer;
  }, []);

  return (
    <GraphiQL
      defaultEditorToolsVisibility
      defaultTabs={tabs}
      fetcher={fetcher}
      shouldPersistHeaders={false}
      storage={storage}
    >
      <GraphiQL.Logo>
        <h1 dangerouslySetInnerHTML={name} />
        <nav aria-label="Site">
          {links.map(({ url, text }) => (
            <a key={url} href={url}>
              {text}
            </a>
          ))}
        </nav>
      </GraphiQL.Logo>
      <GraphiQL.Footer>
        <LoginNote login={login} onForget={() => setLogin(null)} />
      </GraphiQL.Footer>
      <FirstVariables />
      <RunByKeyboard />
      <SystemTheme />
    </GraphiQL>
  );
}

createRoot(document.getElementById("graphiql")).render(<Page />);
