/** A worker that renews due credentials, and kills itself when the first attempt is recorded. */
import { createBroker } from '../../../src/credentials/broker.ts'
import { createRefreshScheduler } from '../../../src/credentials/refresh-scheduler.ts'
import { openDatabase } from '../../../src/db/open-database.ts'
import { createLocalWakeBus } from '../../../src/db/wake-bus.ts'
import { createEgress } from '../../../src/egress/egress.ts'
import { createLogger } from '../../../src/kit/log.ts'
import { parseKeyring } from '../../../src/vault/keyring.ts'
import { createVault } from '../../../src/vault/vault.ts'

const [, , url = '', keys = '', requestTimeoutMs = ''] = process.argv
const database = await openDatabase({ url }, { onError: () => undefined })
const logger = createLogger({ level: 'silent' })
const broker = createBroker({
  database,
  logger,
  bus: createLocalWakeBus(),
  vault: createVault(parseKeyring(keys)),
  egress: createEgress({ allow: ['127.0.0.1'] }),
  requestTimeoutMs: Number(requestTimeoutMs),
  onStep: (step) => {
    if (step !== 'attempt written') return
    process.kill(process.pid, 'SIGKILL')
    // The signal may take a moment.
    for (;;);
  },
})
createRefreshScheduler({ database, broker, logger, quietMs: Number(requestTimeoutMs) + 1_000 }).start()
// The timers of the scheduler do not keep the process alive.
setInterval(() => undefined, 60_000)
process.stdout.write('ready\n')
