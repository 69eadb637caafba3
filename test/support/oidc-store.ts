export interface OidcPayload {
  [key: string]: unknown
  grantId?: string
  uid?: string
  userCode?: string
  consumed?: number
}

/** All that one server remembers, by model and id. */
export type OidcStore = Map<string, { payload: OidcPayload; consumedAtMs?: number }>

/**
 * The adapter of oidc-provider over a map of its own, so that two servers in one process share nothing. A refresh token
 * counts as used only when the grace period after its first use is over.
 */
export function oidcAdapter(store: OidcStore, graceSeconds: number) {
  return class {
    readonly #model: string

    constructor(model: string) {
      this.#model = model
    }

    #key(id: string): string {
      return `${this.#model}:${id}`
    }

    async upsert(id: string, payload: OidcPayload): Promise<void> {
      store.set(this.#key(id), { payload })
    }

    async find(id: string): Promise<OidcPayload | undefined> {
      const entry = store.get(this.#key(id))
      if (entry?.consumedAtMs === undefined) return entry?.payload
      const inGrace = this.#model === 'RefreshToken' && Date.now() - entry.consumedAtMs < graceSeconds * 1000
      return inGrace ? entry.payload : { ...entry.payload, consumed: Math.floor(entry.consumedAtMs / 1000) }
    }

    async findByUid(uid: string): Promise<OidcPayload | undefined> {
      return this.#search('uid', uid)
    }

    async findByUserCode(userCode: string): Promise<OidcPayload | undefined> {
      return this.#search('userCode', userCode)
    }

    #search(name: 'uid' | 'userCode', value: string): OidcPayload | undefined {
      const own = [...store].filter(([key]) => key.startsWith(`${this.#model}:`))
      return own.find(([, { payload }]) => payload[name] === value)?.[1].payload
    }

    async consume(id: string): Promise<void> {
      const entry = store.get(this.#key(id))
      if (entry !== undefined) entry.consumedAtMs ??= Date.now()
    }

    async destroy(id: string): Promise<void> {
      store.delete(this.#key(id))
    }

    async revokeByGrantId(grantId: string): Promise<void> {
      for (const [key, { payload }] of store) if (payload.grantId === grantId) store.delete(key)
    }
  }
}
