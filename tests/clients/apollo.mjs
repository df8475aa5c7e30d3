// Apollo Client, with its documented links: a header for each request, and a second try after the token was renewed.
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, gql } from "@apollo/client";
import { SetContextLink } from "@apollo/client/link/context";
import { from, of, switchMap } from "rxjs";

import { Tokens } from "./tokens.mjs";

export function connect({ url, fetch, documents, variables }) {
  const http = new HttpLink({ uri: url, fetch });
  // Renewing goes past the other links: it must neither carry the expired token nor wait for itself.
  const renewal = new ApolloClient({ link: http, cache: new InMemoryCache() });
  const tokens = new Tokens(async (refreshToken) => {
    const { data } = await renewal.mutate({
      mutation: gql(documents.refresh),
      variables: variables({ refreshToken }),
      fetchPolicy: "no-cache",
    });
    return data.refreshToken;
  });
  const header = new SetContextLink(({ headers }) => ({
    headers: tokens.access ? { ...headers, authorization: `Bearer ${tokens.access}` } : headers,
  }));
  const again = new ApolloLink((operation, forward) =>
    forward(operation).pipe(
      switchMap((result) =>
        result.extensions?.authentication === "expired"
          ? from(tokens.renewOnce()).pipe(switchMap(() => forward(operation)))
          : of(result),
      ),
    ),
  );
  const client = new ApolloClient({ link: ApolloLink.from([again, header, http]), cache: new InMemoryCache() });
  const mutate = async (document, values) =>
    (await client.mutate({ mutation: gql(document), variables: variables(values) })).data;
  return {
    async logIn(values) {
      const { tokenAuth } = await mutate(documents.login, values);
      tokens.keep(tokenAuth);
      return tokenAuth;
    },
    me: async (name) => (await client.query({ query: gql(documents.me(name)), fetchPolicy: "network-only" })).data.me,
    watchMe(seen) {
      const watched = client.watchQuery({ query: gql(documents.me("Watch")) });
      watched.subscribe(({ data, dataState }) => dataState === "complete" && seen(data.me));
    },
    rename: async (firstName) => (await mutate(documents.rename, { firstName })).updateAccount,
    async logOut() {
      const { revokeToken } = await mutate(documents.logOut, { refreshToken: tokens.refresh });
      tokens.forget();
      await client.clearStore();
      return revokeToken;
    },
  };
}
