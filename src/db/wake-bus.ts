import { createRedisEventTarget } from '@graphql-yoga/redis-event-target'
import { Redis } from 'ioredis'
import { runInScope } from './scope.ts'

/**
 * What a wake-up may be about. It carries an id and says only "look": the tables are the truth, and everything that
 * listens also polls.
 * - `events`: a workspace's event log has grown
 * - `access`: an API key or a connect session was revoked, an OIDC issuer or an auth provider was changed, or a workspace was deleted: the id is its own
 * - `queue`: a job was enqueued; the id is the queue's name
 * - `jobs`: a sync job was asked to stop
 * - `sessions`: a connect session has changed
 */
type WakeTopic = 'events' | 'access' | 'queue' | 'jobs' | 'sessions'

export interface WakeBus {
  /** Never throws and never waits: a lost wake-up costs one polling interval. */
  publish(topic: WakeTopic, id: string): void
  /** @returns a function that ends the subscription */
  subscribe(topic: WakeTopic, listener: (id: string) => void): () => void
  /** Told what this process committed to an event log: for counting, not for work. */
  appended?(events: readonly { type: string; payload?: Record<string, unknown> }[]): void
  close(): Promise<void>
}

/** Wake-ups within this process. */
export function createLocalWakeBus(): WakeBus {
  const listeners = new Map<WakeTopic, Set<(id: string) => void>>()
  return {
    publish(topic, id) {
      // Those who listen work for everybody: they must not see with the eyes of whoever woke them.
      runInScope(null, () => {
        for (const listener of listeners.get(topic) ?? []) listener(id)
      })
    },
    subscribe(topic, listener) {
      const set = listeners.get(topic) ?? new Set()
      listeners.set(topic, set.add(listener))
      return () => set.delete(listener)
    },
    close: async () => listeners.clear(),
  }
}

/** Wake-ups between processes over Redis. This process's own listeners hear without it, so its loss is felt by others only. */
export function createRedisWakeBus(url: string, onError: (error: Error) => void): WakeBus {
  const local = createLocalWakeBus()
  const options = { maxRetriesPerRequest: null, enableOfflineQueue: false, lazyConnect: false } as const
  const publishClient = new Redis(url, options)
  // The subscriber queues its commands while it connects, and subscribes again after each reconnect.
  const subscribeClient = new Redis(url, { ...options, enableOfflineQueue: true })
  publishClient.on('error', onError)
  subscribeClient.on('error', onError)
  const target = createRedisEventTarget({ publishClient, subscribeClient })
  const origin = crypto.randomUUID()
  const unsubscribe: (() => void)[] = []
  for (const topic of ['events', 'access', 'queue', 'jobs', 'sessions'] as const) {
    const hear = (event: CustomEvent<{ id: string; origin: string }>) => {
      if (event.detail.origin !== origin) local.publish(topic, event.detail.id)
    }
    target.addEventListener(`latchkey:${topic}`, hear)
    unsubscribe.push(() => target.removeEventListener(`latchkey:${topic}`, hear))
  }
  return {
    publish(topic, id) {
      local.publish(topic, id)
      publishClient
        .publish(`latchkey:${topic}`, JSON.stringify({ id, origin }))
        .catch((error: unknown) => onError(error instanceof Error ? error : new Error(String(error))))
    },
    subscribe: (topic, listener) => local.subscribe(topic, listener),
    async close() {
      for (const end of unsubscribe) end()
      publishClient.disconnect()
      subscribeClient.disconnect()
      await local.close()
    },
  }
}
