import type { CustomStrategies } from '../auth/custom/custom-strategy.ts'
import type { Database } from '../db/database.ts'
import type { Queue } from '../db/queue.ts'
import type { WakeBus } from '../db/wake-bus.ts'
import type { Vault } from '../vault/vault.ts'

/** The services that functions around connections use. Each function names the members that it needs. */
export interface ConnectionDeps {
  database: Database
  bus: WakeBus
  queue: Queue
  vault: Vault
  /** The auth strategies that this deployment adds. */
  customStrategies: CustomStrategies
  /** Whether the sandbox provider can be used. Default: false. */
  sandbox?: boolean
}
