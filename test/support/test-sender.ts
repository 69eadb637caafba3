import type { Egress } from '../../src/egress/egress.ts'
import { type Clock, systemClock } from '../../src/kit/time.ts'
import { createRateLimiter } from '../../src/requests/rate-limit.ts'
import { createSender, type Sender } from '../../src/requests/send.ts'

/** A sender whose rate limits are those of one process. */
export function testSender(egress: Egress, clock: Clock = systemClock): Sender {
  return createSender({ egress, rateLimiter: createRateLimiter(clock), clock })
}
