// What each client keeps between requests: the tokens of the session, renewed once for all requests that wait for it.

export class Tokens {
  #current = null;
  #renewal = null;

  /** `renew` takes a refresh token and resolves to the payload of refreshToken. */
  constructor(renew) {
    this.renew = renew;
  }

  get access() {
    return this.#current?.token ?? null;
  }

  get refresh() {
    return this.#current?.refreshToken ?? null;
  }

  get hasExpired() {
    return this.#current !== null && this.#current.tokenExpiresAt * 1000 <= Date.now();
  }

  keep(payload) {
    this.#current = payload.success ? payload : null;
  }

  forget() {
    this.#current = null;
  }

  /** Renew the access token; requests that ask at the same time share one renewal. */
  renewOnce() {
    this.#renewal ??= this.renew(this.refresh)
      .then((payload) => this.keep(payload))
      .finally(() => {
        this.#renewal = null;
      });
    return this.#renewal;
  }
}
