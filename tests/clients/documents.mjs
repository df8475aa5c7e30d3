// The documents that the clients send, in the shape of the flavour and the login field that a project was rendered with.

const USER = "id firstName";

/** Return the documents for a flavour ("graphql" or "relay"). */
export function documents(flavour) {
  const mutation = (operation, field, kinds, outputs) => {
    if (flavour === "relay") {
      const type = { tokenAuth: "ObtainJSONWebToken" }[field] ?? field[0].toUpperCase() + field.slice(1);
      return `mutation ${operation}($input: ${type}Input!) { ${field}(input: $input) { ${outputs} } }`;
    }
    const names = Object.keys(kinds);
    const declared = names.map((name) => `$${name}: ${kinds[name]}`).join(", ");
    const passed = names.map((name) => `${name}: $${name}`).join(", ");
    return `mutation ${operation}(${declared}) { ${field}(${passed}) { ${outputs} } }`;
  };
  const tokens = "success errors token tokenExpiresAt refreshToken refreshExpiresIn";
  return {
    login: mutation("LogIn", "tokenAuth", { email: "String", password: "String!" }, `${tokens} user { ${USER} }`),
    refresh: mutation("Refresh", "refreshToken", { refreshToken: "String!" }, tokens),
    rename: mutation("Rename", "updateAccount", { firstName: "String" }, `success errors user { ${USER} }`),
    logOut: mutation("LogOut", "revokeToken", { refreshToken: "String!" }, "success errors revoked"),
    me: (name) => `query ${name} { me { ${USER} } }`,
  };
}

/** Return the variables of a mutation for a flavour. */
export const variables = (flavour, values) => (flavour === "relay" ? { input: values } : values);
