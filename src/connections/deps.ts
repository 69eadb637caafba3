import type { CustomStrategies } from '../auth/custom/custom-strategy.ts'
import type { Database } from '../db/database.ts'
import type { Queue } from '../db/queue.ts'
import type { WakeBus } from '../db/wake-bus.ts'
import type { Vault } from '../vault/vault.ts'

/** What the services that connect accounts work with. */
export interface ConnectDeps {
  database: Database
  bus: WakeBus
  queue: Queue
  vault: Vault
  /** Those that the deployment adds. */
  customStrategies: CustomStrategies
  /** The sandbox runs, and may be switched on. Default: false. */
  sandbox?: boolean
}
