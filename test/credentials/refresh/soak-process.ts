/** Opens random credentials of a list until SIGTERM; then it drains its renewals and exits. */
import { setTimeout as sleep } from 'node:timers/promises'
import { createBroker } from '../../../src/credentials/broker.ts'
import { openDatabase } from '../../../src/db/open-database.ts'
import { createLocalWakeBus } from '../../../src/db/wake-bus.ts'
import { createEgress } from '../../../src/egress/egress.ts'
import { LatchkeyError } from '../../../src/kit/errors.ts'
import { createLogger } from '../../../src/kit/log.ts'
import { parseKeyring } from '../../../src/vault/keyring.ts'
import { createVault } from '../../../src/vault/vault.ts'
import type { SoakMessage, SoakSetting } from './soak.ts'

const CALLERS = 4

const { url, keys, requestTimeoutMs, connectionIds }: SoakSetting = JSON.parse(process.argv[2] ?? '')
const send = (message: SoakMessage) => process.send?.(message)
const database = await openDatabase({ url }, { onError: () => undefined })
const broker = createBroker({
  database,
  bus: createLocalWakeBus(),
  vault: createVault(parseKeyring(keys)),
  egress: createEgress({ allow: ['127.0.0.1'] }),
  logger: createLogger({ level: 'silent' }),
  requestTimeoutMs,
  onStep: (step, connectionId) => send({ step, connectionId }),
})
let stopping = false

async function use(connectionId: string): Promise<void> {
  try {
    await broker.open(connectionId)
    send({ served: connectionId })
  } catch (error) {
    if (stopping) return
    send({ failed: connectionId, error: error instanceof LatchkeyError ? error.code : String(error) })
  }
}

process.on('SIGTERM', () => {
  stopping = true
  void broker.drain().then(() => process.exit(0))
})
send('ready')
await Promise.all(
  Array.from({ length: CALLERS }, async () => {
    while (!stopping) {
      await use(connectionIds[Math.floor(Math.random() * connectionIds.length)] ?? '')
      await sleep(5)
    }
  }),
)
