import { useEffect, useState } from "react";

const JWT = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/** Return the login that an operation's answer brings in the output `token` of a field, or nothing. */
export function readLogin(answer) {
  const token = Object.values(answer.data ?? {}).find((output) => JWT.test(output?.token))?.token;
  if (token) {
    const payload = JSON.parse(atob(token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/")));
    return { token, name: payload.username ?? payload.email, end: new Date(payload.exp * 1000) };
  }
}

/** Return what is left of a login after an answer: without its token, if the server rejected that. */
export function readRejection(answer, login) {
  const rejection = answer.extensions?.authentication;
  return rejection ? { name: login.name, rejection } : login;
}

/** Tells as whom operations are sent, from every tab. */
export function LoginNote({ login, onForget }) {
  const [expired, setExpired] = useState(false);
  const isSent = Boolean(login?.token);
  useEffect(() => {
    setExpired(false);
    const timer = login?.token && setTimeout(() => setExpired(true), login.end - Date.now());
    return () => clearTimeout(timer);
  }, [login]);

  return (
    <div className="login" role="status">
      {!login && <p>No token is sent yet. Run Register or TokenAuth: from then on every tab sends the token of the answer.</p>}
      {login?.rejection && (
        <p>
          The server rejected the token of <strong>{login.name}</strong>, which{" "}
          {login.rejection === "expired" ? "has expired" : "is not valid any more"}. No token is sent now: run TokenAuth again.
        </p>
      )}
      {isSent && expired && <p>The token of {login.name} has expired. Run TokenAuth again.</p>}
      {isSent && !expired && (
        <p>
          Every tab now speaks as <strong>{login.name}</strong>, until {login.end.toLocaleTimeString()}, with the header{" "}
          <code>Authorization: JWT {login.token.slice(0, 8)}…</code>
        </p>
      )}
      {isSent && (
        <button className="graphiql-button" type="button" onClick={onForget}>
          Forget the token
        </button>
      )}
    </div>
  );
}
