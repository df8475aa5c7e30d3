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

/** Tells as whom operations are sent, from every tab. */
export function LoginNote({ login, onForget }) {
  const [expired, setExpired] = useState(false);
  useEffect(() => {
    setExpired(false);
    const timer = login && setTimeout(() => setExpired(true), login.end - Date.now());
    return () => clearTimeout(timer);
  }, [login]);

  return (
    <div className="login" role="status">
      {!login && <p>No token is sent yet. Run Register or TokenAuth: from then on every tab sends the token of the answer.</p>}
      {login && expired && <p>The token of {login.name} has expired. Run TokenAuth again.</p>}
      {login && !expired && (
        <p>
          Every tab now speaks as <strong>{login.name}</strong>, until {login.end.toLocaleTimeString()}, with the header{" "}
          <code>Authorization: JWT {login.token.slice(0, 8)}…</code>
        </p>
      )}
      {login && (
        <button className="graphiql-button" type="button" onClick={onForget}>
          Forget the token
        </button>
      )}
    </div>
  );
}
