import { access, constants, readFile, stat, statfs } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { Redis } from 'ioredis'
import type { Config } from '../../config.ts'
import { createEgress } from '../../egress/egress.ts'
import { parseHostRules } from '../../egress/host-rules.ts'
import { type Finding, note, ok, problemFinding } from './finding.ts'

const GIB = 2 ** 30
const REDIS_WITHIN_MS = 5_000
const PUBLIC_URL_WITHIN_MS = 5_000

/** The data folder, or its nearest parent that exists. */
async function nearestFolder(dataDir: string): Promise<string> {
  for (let folder = resolve(dataDir); ; folder = dirname(folder)) {
    const found = await stat(folder).catch(() => null)
    if (found !== null || folder === dirname(folder)) return folder
  }
}

export async function checkDataFolder({ dataDir }: Config): Promise<Finding[]> {
  const subject = 'data folder'
  const folder = await nearestFolder(dataDir)
  try {
    if (!(await stat(folder)).isDirectory()) throw new Error('not a folder')
    await access(folder, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch {
    return [
      problemFinding(
        subject,
        `${folder} is not writable.`,
        'Make it writable for the user that runs Latchkey, or set LATCHKEY_DATA_DIR.',
      ),
    ]
  }
  const { bavail, bsize } = await statfs(folder)
  const free = (bavail * bsize) / GIB
  const room = `${free.toFixed(1)} GiB are free on its disk.`
  return [
    ok(subject, folder === resolve(dataDir) ? `${dataDir} is writable.` : `The first start creates ${dataDir}.`),
    free < 1
      ? problemFinding('disk', room, 'Free some space, or set LATCHKEY_DATA_DIR to a folder on a larger disk.')
      : ok('disk', room),
  ]
}

/** The id of the process that has the embedded database open; null: none. */
export async function holderOfFolder(dataDir: string): Promise<number | null> {
  const text = await readFile(join(dataDir, 'process.lock'), 'utf8').catch(() => '')
  const pid = Number.parseInt(text, 10)
  if (!Number.isInteger(pid)) return null
  try {
    process.kill(pid, 0)
    return pid
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM' ? pid : null
  }
}

export function checkEgress({ egressAllow }: Config): Finding {
  const subject = 'outgoing requests'
  try {
    parseHostRules(egressAllow)
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error)
    return problemFinding(
      subject,
      `LATCHKEY_EGRESS_ALLOW cannot be read: ${words}`,
      'Write a comma-separated list of host, host:port, address or CIDR.',
    )
  }
  if (egressAllow.length === 0) return ok(subject, 'They reach public addresses only.')
  return ok(subject, `They may also reach: ${egressAllow.join(', ')}.`)
}

/** Checks that Redis answers. Findings never include the URL, which may contain a password. */
export async function checkRedis(redisUrl: string): Promise<Finding> {
  const subject = 'Redis'
  const { hostname, port } = new URL(redisUrl)
  const name = `${hostname}:${port === '' ? 6379 : port}`
  const redis = new Redis(redisUrl, { lazyConnect: true, connectTimeout: REDIS_WITHIN_MS, retryStrategy: () => null })
  // The reason of a failed connection arrives as an event; the promise only reports that it is closed.
  let reason = ''
  redis.on('error', (error: Error) => {
    reason = error.message
  })
  try {
    await redis.connect()
    await redis.ping()
    return ok(subject, `${name} answers.`)
  } catch (error) {
    const words = reason === '' && error instanceof Error ? error.message : reason
    return problemFinding(
      subject,
      `${name} does not answer: ${words}`,
      'Start it, correct REDIS_URL, or unset it. Without it the processes poll the database.',
    )
  } finally {
    redis.disconnect()
  }
}

export async function checkPublicUrl({ publicUrl, production }: Config): Promise<Finding> {
  const subject = 'public URL'
  const { protocol, host, port } = new URL(publicUrl)
  if (production && protocol !== 'https:') {
    return problemFinding(
      subject,
      `${publicUrl} is not https, so authorization codes and tokens would be sent unencrypted.`,
      'Put a reverse proxy with TLS in front of Latchkey, and set LATCHKEY_PUBLIC_URL to its address.',
    )
  }
  if (port === '0')
    return note(
      subject,
      'Each start takes a free port (PORT=0).',
      'Set LATCHKEY_PUBLIC_URL if others have to reach it.',
    )
  const egress = createEgress({ allow: [host] })
  try {
    const response = await egress.send({
      method: 'GET',
      url: `${publicUrl}/healthz`,
      timeoutMs: PUBLIC_URL_WITHIN_MS,
      redirect: 'manual',
    })
    const text = await response.text()
    if (response.status === 200 && text.includes('"ok"')) return ok(subject, `${publicUrl} answers.`)
    return note(subject, `${publicUrl}/healthz answers ${response.status}.`, 'Make sure that it leads to Latchkey.')
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error)
    return note(subject, `${publicUrl} does not answer: ${words}`, 'This is fine if Latchkey is not running.')
  } finally {
    await egress.close()
  }
}
