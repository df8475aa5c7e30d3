// Relay's runtime on what relay-compiler made of relay/operations.js: fragments, a connection and a refetch.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

import { Tokens } from "./tokens.mjs";

const {
  Environment,
  Network,
  RecordSource,
  Store,
  commitMutation,
  createOperationDescriptor,
  fetchQuery,
  getRequest,
} = createRequire(import.meta.url)("relay-runtime");

export async function connect({ url, fetch, artifacts }) {
  const artifact = async (name) => (await import(pathToFileURL(`${artifacts}/${name}.graphql.js`))).default;
  const send = async (text, variables, token) => {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) },
      body: JSON.stringify({ query: text, variables }),
    });
    return response.json();
  };
  const refresh = await artifact("operationsRefreshMutation");
  const tokens = new Tokens(
    async (refreshToken) => (await send(refresh.params.text, { input: { refreshToken } })).data.refreshToken,
  );
  const network = Network.create(async ({ text }, variables) => {
    const answer = await send(text, variables, tokens.access);
    if (answer.extensions?.authentication !== "expired") return answer;
    await tokens.renewOnce();
    return send(text, variables, tokens.access);
  });
  const environment = new Environment({ network, store: new Store(new RecordSource()) });
  const mutate = async (name, input) => {
    const mutation = await artifact(name);
    return new Promise((onCompleted, onError) => {
      commitMutation(environment, { mutation, variables: { input }, onCompleted, onError });
    });
  };
  let asked = 0;
  const query = async (name, variables = {}) =>
    fetchQuery(environment, await artifact(name), variables, { fetchPolicy: "network-only" }).toPromise();
  return {
    async logIn(values) {
      const { tokenAuth } = await mutate("operationsLogInMutation", values);
      tokens.keep(tokenAuth);
      return tokenAuth;
    },
    // Relay sends equal requests that wait only once: each of these asks for another page, too.
    me: async () => (await query("operationsWaitingQuery", { first: ++asked })).me,
    async watchMe(seen) {
      const operation = createOperationDescriptor(getRequest(await artifact("operationsMeQuery")), {});
      environment.retain(operation);
      await query("operationsMeQuery");
      const snapshot = environment.lookup(operation.fragment);
      seen(snapshot.data.me);
      environment.subscribe(snapshot, ({ data }) => seen(data.me));
    },
    rename: async (firstName) => (await mutate("operationsRenameMutation", { firstName })).updateAccount,
    async refetch(id) {
      const { node } = await query("operationsRefetchQuery", { id });
      // The query spreads a fragment, so Relay masks what it read: the store has it.
      return environment.getStore().getSource().get(node.__id);
    },
    page: async (first) => (await query("operationsUsersQuery", { first })),
    async logOut() {
      const { revokeToken } = await mutate("operationsLogOutMutation", { refreshToken: tokens.refresh });
      tokens.forget();
      return revokeToken;
    },
  };
}
