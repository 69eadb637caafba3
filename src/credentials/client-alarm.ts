import type { Logger } from '../kit/log.ts'

const AGAIN_AFTER_MS = 10 * 60_000

/**
 * Tells the log that an integration's OAuth client is refused: once, not for each of its connections, and again where it
 * is still so ten minutes later.
 */
export function createClientAlarm(logger: Logger, now: () => number = () => performance.now()) {
  const told = new Map<string, number>()
  return (integrationId: string): void => {
    for (const [id, at] of told) if (now() - at >= AGAIN_AFTER_MS) told.delete(id)
    if (told.has(integrationId)) return
    told.set(integrationId, now())
    logger.error({ integrationId }, "the provider does not accept the integration's OAuth client")
  }
}
