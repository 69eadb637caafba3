interface Payload {
  [key: string]: unknown
  grantId?: string
  uid?: string
  userCode?: string
}

interface Entry {
  payload: Payload
  expiresAtMs: number
}

/** More than a person makes in a day of trying things out. */
const MAX_ENTRIES = 20_000

/**
 * What oidc-provider remembers (its `adapter`), in this process alone: after a restart the sandbox knows nobody any more, and
 * its connections ask to be connected again. The oldest entries give way when there are too many.
 */
export function createMemoryStore() {
  const entries = new Map<string, Entry>()

  function keep(key: string, entry: Entry): void {
    entries.delete(key)
    entries.set(key, entry)
    for (const [oldest] of entries) {
      if (entries.size <= MAX_ENTRIES) return
      entries.delete(oldest)
    }
  }

  return class MemoryAdapter {
    readonly #model: string

    constructor(model: string) {
      this.#model = model
    }

    async upsert(id: string, payload: Payload, expiresInSeconds = Number.POSITIVE_INFINITY): Promise<void> {
      keep(this.#key(id), { payload, expiresAtMs: Date.now() + expiresInSeconds * 1000 })
    }

    async find(id: string): Promise<Payload | undefined> {
      const entry = entries.get(this.#key(id))
      return entry !== undefined && entry.expiresAtMs > Date.now() ? entry.payload : undefined
    }

    findByUid(uid: string): Promise<Payload | undefined> {
      return this.#findBy('uid', uid)
    }

    findByUserCode(userCode: string): Promise<Payload | undefined> {
      return this.#findBy('userCode', userCode)
    }

    async consume(id: string): Promise<void> {
      const entry = entries.get(this.#key(id))
      if (entry !== undefined) entry.payload['consumed'] = Math.floor(Date.now() / 1000)
    }

    async destroy(id: string): Promise<void> {
      entries.delete(this.#key(id))
    }

    async revokeByGrantId(grantId: string): Promise<void> {
      for (const [key, { payload }] of entries) if (payload.grantId === grantId) entries.delete(key)
    }

    #key(id: string): string {
      return `${this.#model}:${id}`
    }

    async #findBy(name: 'uid' | 'userCode', value: string): Promise<Payload | undefined> {
      for (const [key, { payload }] of entries) {
        if (key.startsWith(`${this.#model}:`) && payload[name] === value)
          return this.find(key.slice(this.#model.length + 1))
      }
      return undefined
    }
  }
}
