/** Return where GraphiQL keeps what was typed, for these tabs alone: other projects have served this address, or will. */
export function storageFor(tabs) {
  const prefix = `${hash(JSON.stringify(tabs))}:`;
  return {
    get length() {
      return localStorage.length;
    },
    getItem: (key) => localStorage.getItem(prefix + key),
    setItem: (key, value) => localStorage.setItem(prefix + key, value),
    removeItem: (key) => localStorage.removeItem(prefix + key),
    clear: () => {
      const ours = Object.keys(localStorage).filter((key) => key.startsWith(prefix));
      ours.forEach((key) => localStorage.removeItem(key));
    },
  };
}

function hash(text) {
  return [...text].reduce((sum, character) => (sum * 31 + character.codePointAt(0)) >>> 0, 0).toString(36);
}
