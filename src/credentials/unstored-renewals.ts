import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { StoredCredential } from '../auth/stored-credential.ts'
import type { Renewal } from '../auth/strategy.ts'
import type { JsonObject } from '../kit/json.ts'
import type { Logger } from '../kit/log.ts'
import { credentialIdentity } from '../vault/identities.ts'
import type { Vault } from '../vault/vault.ts'
import { type CredentialRow, toJsonColumn } from './credential-store.ts'

/** The response to a renewal, sealed until it is stored. */
export interface SealedRenewal {
  connectionId: string
  workspaceId: string
  /** Version of the credential that was renewed. */
  version: number
  /** When the request was made, by the database's clock. */
  now: Date
  sealed: Uint8Array
}

export function sealRenewal(vault: Vault, row: CredentialRow, renewal: Renewal): SealedRenewal {
  const { connection_id: connectionId, workspace_id: workspaceId, version, now } = row
  const { stored, expiresAt, refreshExpiresAt, scopes, kept } = renewal
  const content: JsonObject = JSON.parse(
    JSON.stringify({ stored: toJsonColumn(stored), expiresAt, refreshExpiresAt, scopes, kept }),
  )
  const sealed = vault.seal(content, credentialIdentity(workspaceId, connectionId, version + 1))
  return { connectionId, workspaceId, version, now, sealed }
}

const instant = z.iso.datetime().transform((text) => new Date(text))
const renewalSchema = z.object({
  // Each strategy checks its own when it opens it.
  stored: z.custom<StoredCredential>((value) => typeof value === 'object' && value !== null),
  expiresAt: instant.optional(),
  refreshExpiresAt: instant.optional(),
  scopes: z.array(z.string()),
  kept: z.record(z.string(), z.unknown()).optional(),
})

/** @throws CredentialCorruptError, UnknownKeyError */
export function openRenewal(vault: Vault, { connectionId, workspaceId, version, sealed }: SealedRenewal): Renewal {
  return renewalSchema.parse(vault.open(sealed, credentialIdentity(workspaceId, connectionId, version + 1)))
}

const fileSchema = z.object({
  connectionId: z.uuid(),
  workspaceId: z.uuid(),
  version: z.int(),
  now: instant,
  sealed: z.base64().transform((text) => new Uint8Array(Buffer.from(text, 'base64'))),
})

/** Renewals that could not be stored because the database is unavailable, on the disk of this process. */
export interface UnstoredRenewals {
  /** @returns whether it will be found at the next start */
  write(renewal: SealedRenewal): Promise<boolean>
  remove(renewal: SealedRenewal): Promise<void>
  /** Those of earlier processes that used this folder. */
  read(): Promise<SealedRenewal[]>
}

/** @param folder made when it is first needed. Null: nothing is kept on disk */
export function createUnstoredRenewals(folder: string | null, logger: Logger): UnstoredRenewals {
  const pathOf = ({ connectionId, version }: SealedRenewal) => join(folder ?? '', `${connectionId}-${version}.json`)

  async function readOne(name: string): Promise<SealedRenewal | null> {
    try {
      return fileSchema.parse(JSON.parse(await readFile(join(folder ?? '', name), 'utf8')))
    } catch (err) {
      logger.error({ err, file: name }, 'a renewed credential in the data folder cannot be read')
      return null
    }
  }

  return {
    async write(renewal) {
      if (folder === null) return false
      const { sealed, now, ...rest } = renewal
      const text = JSON.stringify({ ...rest, now: now.toISOString(), sealed: Buffer.from(sealed).toString('base64') })
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 })
        const path = pathOf(renewal)
        // A process that ends while it writes must not leave a part of a file.
        await writeFile(`${path}.tmp`, text, { mode: 0o600, flush: true })
        await rename(`${path}.tmp`, path)
        return true
      } catch (err) {
        logger.error(
          { err, connectionId: renewal.connectionId },
          'a renewed credential could not be written to the data folder',
        )
        return false
      }
    },
    async remove(renewal) {
      if (folder !== null) await rm(pathOf(renewal), { force: true })
    },
    async read() {
      if (folder === null) return []
      const names = await readdir(folder).catch(() => [])
      const found = await Promise.all(names.filter((name) => name.endsWith('.json')).map(readOne))
      return found.filter((each) => each !== null)
    },
  }
}
