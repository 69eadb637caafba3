import { z } from 'zod'
import { definitionOf } from '../catalog/catalog.ts'
import type { Auth } from '../catalog/definition/auth.ts'
import { openSealedClient, type SealedRegisteredClient } from '../credentials/credential-store.ts'
import { releaseWaiting } from '../credentials/renewal-attempt.ts'
import type { Tx } from '../db/database.ts'
import type { Integration } from '../db/generated/client.ts'
import type { SqlRunner, WriteTx } from '../db/sql.ts'
import { newId } from '../kit/ids.ts'
import type { JsonObject } from '../kit/json.ts'
import { clientSecretIdentity, initialAccessTokensIdentity, revocationIdentity } from '../vault/identities.ts'
import type { Vault } from '../vault/vault.ts'

// The OAuth clients that Latchkey registered for an integration (RFC 7591), how they are stored, and the tokens that register them. They
// are stored where a client is that the workspace sets itself, so that everything else uses them in the same way. Each option of a
// selective auth has a client of its own, because the options may name different servers. The client that was registered first is in the
// columns of the integration; the others are in the same values beside it.

const stateSchema = z.object({
  clientId: z.string(),
  /** RFC 7592: where the registration is read, changed and deleted. */
  clientUri: z.string().optional(),
  redirectUri: z.string(),
  /** ISO 8601. Absent: the secret does not expire. */
  secretExpiresAt: z.string().optional(),
  /** ISO 8601. */
  registeredAt: z.string(),
  /** ISO 8601. When it replaced one that the server did not know any more. */
  replacedAt: z.string().optional(),
  /** The server refused the client. It is checked before it is used for another flow. */
  refused: z.boolean().optional(),
})

/** What is known of a registered client besides its secrets. */
export type ClientState = z.infer<typeof stateSchema>

/** `integration.oauth_registration`. */
const registrationSchema = stateSchema.extend({
  option: z.string().optional(),
  others: z.record(z.string(), stateSchema).optional(),
})

/** A registered client. */
export interface RegisteredClient {
  /** The key of the option of a selective auth; null: the auth is not selective. */
  option: string | null
  state: ClientState
  sealed: SealedRegisteredClient
}

type Registrable = Pick<Integration, 'oauthClientId' | 'oauthRegistration'>

/** The states of the registered clients by their option. Empty: there are none, or the client is one that the workspace has set. */
export function clientStatesOf({ oauthClientId, oauthRegistration }: Registrable): Map<string | null, ClientState> {
  if (oauthClientId === null || oauthRegistration === null) return new Map()
  const { option = null, others = {}, ...first } = registrationSchema.parse(oauthRegistration)
  // A process of an older version may have stored another client without removing the state.
  return first.clientId === oauthClientId ? new Map([[option, first], ...Object.entries(others)]) : new Map()
}

/** Whether the client of an integration stands for `client_id` and `client_secret` of its connections, in all ways to connect. */
export function hasCommonClient(integration: Registrable & Parameters<typeof definitionOf>[0]): boolean {
  if (integration.oauthClientId === null) return false
  return clientStatesOf(integration).size === 0 || definitionOf(integration).auth.type !== 'selective'
}

/** The keys of the options that register a client; null for an auth that is not selective. */
export function registeringOptionsOf(auth: Auth): (string | null)[] {
  const registers = (way: Auth) => way.type === 'oauth2' && way.registration !== undefined
  if (auth.type !== 'selective') return registers(auth) ? [null] : []
  return auth.options.filter((option) => registers(option.auth)).map(({ key }) => key)
}

interface SecretRow {
  version: number
  sealed: Uint8Array
}

/** @throws CredentialCorruptError, UnknownKeyError */
export function openRegisteredClients(
  vault: Vault,
  integration: Integration,
  secret: SecretRow | null,
): RegisteredClient[] {
  const states = clientStatesOf(integration)
  if (states.size === 0 || secret === null) return []
  const { id: integrationId, workspaceId } = integration
  const { option, others = {}, ...first } = openSealedClient(vault, { workspaceId, integrationId, ...secret })
  return [...states].flatMap(([key, state]) => {
    const sealed = key === (option ?? null) ? first : others[key ?? '']
    return sealed === undefined ? [] : [{ option: key, state, sealed }]
  })
}

/**
 * Stores the registered clients of an integration in place of those before, in the caller's transaction. The integration's row must be
 * locked.
 */
export async function storeRegisteredClients(
  tx: Tx,
  vault: Vault,
  { id: integrationId, workspaceId }: Integration,
  clients: readonly [RegisteredClient, ...RegisteredClient[]],
  now: Date,
): Promise<Integration> {
  const [{ option, state, sealed }, ...others] = clients
  const byOption = <T>(read: (client: RegisteredClient) => T) =>
    others.length === 0 ? undefined : Object.fromEntries(others.map((each) => [each.option ?? '', read(each)]))
  const before = await tx.prisma.integrationSecret.findUnique({ where: { integrationId }, select: { version: true } })
  const version = (before?.version ?? 0) + 1
  const content = toJson({
    ...sealed,
    option: option ?? undefined,
    others: byOption((each) => ({ ...each.sealed, clientId: each.state.clientId })),
  })
  const written = {
    version,
    sealed: vault.seal(content, clientSecretIdentity(workspaceId, integrationId, version)),
    keyId: vault.currentKeyId,
  }
  await tx.prisma.integrationSecret.upsert({
    where: { integrationId },
    create: { integrationId, workspaceId, ...written },
    update: written,
  })
  await releaseWaiting(tx, [integrationId])
  return tx.prisma.integration.update({
    where: { id: integrationId },
    data: {
      oauthClientId: state.clientId,
      oauthRegistration: toJson({ ...state, option: option ?? undefined, others: byOption((each) => each.state) }),
      updatedAt: now,
    },
  })
}

function toJson(value: object): JsonObject {
  return JSON.parse(JSON.stringify(value))
}

export const clientDeletionSchema = z.object({
  type: z.literal('registered_client'),
  clientId: z.string(),
  clientUri: z.string(),
  registrationToken: z.string(),
})

/** The content of a revocation that deletes a registered client at its server (RFC 7592 section 2.3). */
export type ClientDeletion = z.infer<typeof clientDeletionSchema>

/**
 * Queues the deletion of registered clients at their servers, in the transaction that forgets them. Does nothing for a client that
 * cannot be managed: without its URI and its token, the server offers no way.
 */
export async function queueClientDeletions(
  tx: WriteTx,
  vault: Vault,
  { id: integrationId, workspaceId }: { id: string; workspaceId: string },
  clients: readonly Pick<RegisteredClient, 'state' | 'sealed'>[],
): Promise<number> {
  let queued = 0
  for (const { state, sealed } of clients) {
    const { clientId, clientUri } = state
    const { registrationToken } = sealed
    if (clientUri === undefined || registrationToken === undefined) continue
    const id = newId()
    const version = 1
    const content: ClientDeletion = { type: 'registered_client', clientId, clientUri, registrationToken }
    await tx.query(
      `INSERT INTO revocation (id, workspace_id, integration_id, sealed, key_id, version)
       VALUES ($1::uuid, $2::uuid, $3::uuid, $4::bytea, $5::text, $6::int)`,
      [
        ...[id, workspaceId, integrationId],
        ...[vault.seal(content, revocationIdentity(workspaceId, id, version)), vault.currentKeyId, version],
      ],
    )
    queued += 1
  }
  return queued
}

// Initial access tokens (RFC 7591 section 3).

/** By the key of the option; '' for an auth that is not selective. */
const tokensSchema = z.record(z.string(), z.string())

interface SealedTokens {
  workspaceId: string
  integrationId: string
  version: number
  sealed: Uint8Array
}

function openTokens(vault: Vault, { workspaceId, integrationId, version, sealed }: SealedTokens) {
  return tokensSchema.parse(vault.open(sealed, initialAccessTokensIdentity(workspaceId, integrationId, version)))
}

/**
 * The token that registers the client of an option. Undefined: registration is open.
 * @throws CredentialCorruptError, UnknownKeyError
 */
export async function initialAccessTokenOf(
  { database, vault }: { database: { prisma: Tx['prisma'] }; vault: Vault },
  integrationId: string,
  option: string | null,
): Promise<string | undefined> {
  const row = await database.prisma.initialAccessTokens.findUnique({ where: { integrationId } })
  return row === null ? undefined : openTokens(vault, row)[option ?? '']
}

export async function hasInitialAccessToken(sql: SqlRunner, integrationId: string): Promise<boolean> {
  const rows = await sql.query('SELECT 1 AS one FROM initial_access_tokens WHERE integration_id = $1::uuid', [
    integrationId,
  ])
  return rows.length > 0
}

/**
 * Sets or removes initial access tokens, in the caller's transaction. The integration's row must be locked.
 * @param forget the tokens before are removed first, because the definition registers elsewhere
 */
export async function setInitialAccessToken(
  tx: Tx,
  vault: Vault,
  { id: integrationId, workspaceId }: { id: string; workspaceId: string },
  given: { option: string | null; token: string | null } | undefined,
  forget: boolean,
): Promise<void> {
  const stored = await tx.prisma.initialAccessTokens.findUnique({ where: { integrationId } })
  // The tokens before are read only where they stay, so that one that cannot be decrypted any more can be replaced.
  const tokens = forget || stored === null || given?.option === null ? {} : openTokens(vault, stored)
  const key = given?.option ?? ''
  if (given?.token == null) delete tokens[key]
  else tokens[key] = given.token
  if (Object.keys(tokens).length === 0) {
    await tx.prisma.initialAccessTokens.deleteMany({ where: { integrationId } })
    return
  }
  const version = (stored?.version ?? 0) + 1
  const written = {
    version,
    sealed: vault.seal(tokens, initialAccessTokensIdentity(workspaceId, integrationId, version)),
    keyId: vault.currentKeyId,
  }
  await tx.prisma.initialAccessTokens.upsert({
    where: { integrationId },
    create: { integrationId, workspaceId, ...written },
    update: written,
  })
}
