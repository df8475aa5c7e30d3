// urql with its auth exchange, which renews a token that has expired before it sends a request, and its normalised cache.
import { Client, fetchExchange, gql } from "@urql/core";
import { authExchange } from "@urql/exchange-auth";
import { cacheExchange } from "@urql/exchange-graphcache";

import { Tokens } from "./tokens.mjs";

export function connect({ url, fetch, documents, variables }) {
  let tokens;
  const authentication = authExchange(async (utilities) => {
    tokens ??= new Tokens(
      async (refreshToken) =>
        (await utilities.mutate(gql(documents.refresh), variables({ refreshToken }))).data.refreshToken,
    );
    return {
      addAuthToOperation: (operation) =>
        tokens.access
          ? utilities.appendHeaders(operation, { Authorization: `Bearer ${tokens.access}` })
          : operation,
      willAuthError: () => tokens.hasExpired,
      didAuthError: (error) => error.graphQLErrors.some(({ extensions }) => extensions.code === "UNAUTHENTICATED"),
      refreshAuth: () => tokens.renewOnce(),
    };
  });
  const client = new Client({
    url,
    fetch,
    // The API answers POST alone.
    preferGetMethod: false,
    exchanges: [cacheExchange({}), authentication, fetchExchange],
  });
  const mutate = async (document, values) => {
    const { data, error } = await client.mutation(gql(document), variables(values));
    if (error) throw error;
    return data;
  };
  return {
    async logIn(values) {
      const { tokenAuth } = await mutate(documents.login, values);
      tokens.keep(tokenAuth);
      return tokenAuth;
    },
    async me(name) {
      const { data, error } = await client.query(gql(documents.me(name)), {}, { requestPolicy: "network-only" });
      if (error) throw error;
      return data.me;
    },
    watchMe(seen) {
      client.query(gql(documents.me("Watch")), {}).subscribe(({ data }) => data && seen(data.me));
    },
    rename: async (firstName) => (await mutate(documents.rename, { firstName })).updateAccount,
    async logOut() {
      const { revokeToken } = await mutate(documents.logOut, { refreshToken: tokens.refresh });
      tokens.forget();
      return revokeToken;
    },
  };
}
