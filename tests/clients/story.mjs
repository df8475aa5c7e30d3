// One session of a client, told step by step: node story.mjs CLIENT URL FLAVOUR [ARTIFACTS]
//
// Prints a JSON object for each step. The server must let access tokens expire after two seconds.
import { setTimeout as pause } from "node:timers/promises";

import { documents, variables } from "./documents.mjs";

const [client, url, flavour, artifacts] = process.argv.slice(2);
const EMAIL = "user2@email.com";
const PASSWORD = "demo-password-123";
const EXPIRES_AFTER = 2_000;

const sent = [];
const countingFetch = (address, options) => {
  const { query } = JSON.parse(options.body);
  sent.push(query.match(/\{\s*(\w+)/)[1]);
  return fetch(address, options);
};
const tell = (step, told) => {
  console.log(JSON.stringify({ step, ...told, sent: sent.splice(0) }));
};

const { connect } = await import(`./${client}.mjs`);
const session = await connect({
  url,
  fetch: countingFetch,
  documents: documents(flavour),
  variables: (values) => variables(flavour, values),
  artifacts,
});

const login = await session.logIn({ email: EMAIL, password: PASSWORD });
tell("log in", { success: login.success, id: login.user.id });

const before = await session.me("Before");
tell("me", { id: before.id });

await pause(EXPIRES_AFTER + 500);
const all = await Promise.all(["One", "Two", "Three", "Four", "Five"].map((name) => session.me(name)));
tell("five requests with an expired token", { ids: all.map((me) => me?.id ?? null) });

const seen = [];
await session.watchMe((me) => seen.push(me?.firstName));
await pause(300);
const renamed = await session.rename(`Ada ${client}`);
await pause(300);
tell("rename", { success: renamed.success, seen });

if (session.refetch) {
  tell("refetch", { id: (await session.refetch(login.user.id)).id });
  tell("page", { users: (await session.page(2)).users.edges.length });
}

const loggedOut = await session.logOut();
const after = await session.me("After");
tell("log out", { success: loggedOut.success, me: after });
process.exit(0);
