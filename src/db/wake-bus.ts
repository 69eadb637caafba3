import { createRedisEventTarget } from '@graphql-yoga/redis-event-target'
import { Redis } from 'ioredis'
import { runInScope } from './scope.ts'

/**
 * Subjects of wake-ups. A wake-up carries only an id: the tables are the source of truth, and every listener also polls.
 * - `events`: the event log of the workspace with this id has grown
 * - `access`: the API key or connect session with this id was revoked, the OIDC issuer or auth provider was changed, or the
 *   workspace was deleted
 * - `queue`: a job was enqueued; the id is the name of the queue
 * - `jobs`: the cancellation of the sync job with this id was requested
 * - `sessions`: the connect session with this id has changed
 * - `webhooks`: the workspace with this id has webhook deliveries to send
 */
type WakeTopic = 'events' | 'access' | 'queue' | 'jobs' | 'sessions' | 'webhooks'

export interface WakeBus {
  /** Never throws and never waits. A lost wake-up delays its listeners by one polling interval. */
  publish(topic: WakeTopic, id: string): void
  /** @returns a function that ends the subscription */
  subscribe(topic: WakeTopic, listener: (id: string) => void): () => void
  /** Called with the events that this process has committed. For metrics only. */
  appended?(events: readonly { type: string; payload?: Record<string, unknown> }[]): void
  close(): Promise<void>
}

/** Wake-ups within this process. */
export function createLocalWakeBus(): WakeBus {
  const listeners = new Map<WakeTopic, Set<(id: string) => void>>()
  return {
    publish(topic, id) {
      // Listeners serve all tenants: they must not run in the scope of the publisher.
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

/** Wake-ups between processes over Redis. Listeners in this process are called directly, so they do not depend on Redis. */
export function createRedisWakeBus(url: string, onError: (error: Error) => void): WakeBus {
  const local = createLocalWakeBus()
  const options = { maxRetriesPerRequest: null, enableOfflineQueue: false, lazyConnect: false } as const
  const publishClient = new Redis(url, options)
  // The subscriber queues its commands while it connects, and subscribes again after a reconnect.
  const subscribeClient = new Redis(url, { ...options, enableOfflineQueue: true })
  publishClient.on('error', onError)
  subscribeClient.on('error', onError)
  const target = createRedisEventTarget({ publishClient, subscribeClient })
  const origin = crypto.randomUUID()
  const unsubscribe: (() => void)[] = []
  for (const topic of ['events', 'access', 'queue', 'jobs', 'sessions', 'webhooks'] as const) {
    const onWakeUp = (event: CustomEvent<{ id: string; origin: string }>) => {
      if (event.detail.origin !== origin) local.publish(topic, event.detail.id)
    }
    target.addEventListener(`latchkey:${topic}`, onWakeUp)
    unsubscribe.push(() => target.removeEventListener(`latchkey:${topic}`, onWakeUp))
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
