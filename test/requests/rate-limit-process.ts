/** A process that sends requests as fast as the shared rate limiter allows, and ends after the last response. */

import { openDatabase } from '../../src/db/open-database.ts'
import { createLogger } from '../../src/kit/log.ts'
import { systemClock } from '../../src/kit/time.ts'
import { createSharedRateLimiter } from '../../src/requests/rate-limit.ts'

export interface PaceOrder {
  databaseUrl: string
  serverUrl: string
  integrationId: string
  requestsPerSecond: number
  requests: number
  atOnce: number
}

const order: PaceOrder = JSON.parse(process.argv[2] ?? '')
const database = await openDatabase({ url: order.databaseUrl }, { onError: () => undefined })
const logger = createLogger({ level: 'silent' })
const rateLimiter = createSharedRateLimiter({ database, clock: systemClock, logger })
// All processes start together.
process.send?.('ready')
await new Promise((resolve) => process.once('message', resolve))
const { signal } = new AbortController()
let left = order.requests
await Promise.all(
  Array.from({ length: order.atOnce }, async () => {
    while (left > 0) {
      left -= 1
      await rateLimiter.wait(order.integrationId, order.requestsPerSecond, signal)
      await fetch(order.serverUrl)
    }
  }),
)
await database.close()
process.disconnect()
