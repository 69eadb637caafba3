import { auditLater } from '../access/audit.ts'
import { assertNotLimited, assertScope, type Caller, notFound, seesIntegration } from '../access/caller.ts'
import { checkConnectionInput } from '../auth/check-fields.ts'
import type { CustomStrategies } from '../auth/custom/custom-strategy.ts'
import { accountDefinitionOf } from '../auth/external/account-definition.ts'
import { accountReceivers, boundTo } from '../auth/external/account-receivers.ts'
import { discoverEndpoints } from '../auth/oauth2/discover-endpoints.ts'
import { type IssuerMetadata, pkceWarning } from '../auth/oauth2/issuer-metadata.ts'
import { strategyOf } from '../auth/registry.ts'
import type { StoredCredential } from '../auth/stored-credential.ts'
import type { Authenticator, OAuthClient, Renewal } from '../auth/strategy.ts'
import { scopeOf } from '../auth/template-scope.ts'
import { findProvider } from '../catalog/catalog.ts'
import type { Auth } from '../catalog/definition/auth.ts'
import type { IntegrationDefinition } from '../catalog/definition/definition.ts'
import { type Path, readPath, readPlace, type ValuePlace } from '../catalog/definition/path.ts'
import { fieldCursorOf, type StreamDefinition } from '../catalog/definition/stream.ts'
import { TemplateError } from '../catalog/template/value.ts'
import {
  assertReceivesAccount,
  checkAuthProvider,
  checkNewCredential,
  type NewStoredCredential,
  openNewCredential,
} from '../connections/connection-credential.ts'
import { parseOwnDefinition } from '../connections/integrations.ts'
import { findWritableConnection, findWritableWorkspace } from '../connections/lookups.ts'
import type { Broker } from '../credentials/broker.ts'
import {
  definitionOfRow,
  type OAuthClientRow,
  type OpenedConnection,
  oauthClientOf,
  optionOf,
} from '../credentials/credential-store.ts'
import { asStored, fetchExternalCredential } from '../credentials/external-credentials.ts'
import { unstoredTokens } from '../credentials/own-tokens.ts'
import { assertNotHeld } from '../credentials/refresh-token-hash.ts'
import type { Database } from '../db/database.ts'
import { databaseNow, type Row } from '../db/sql.ts'
import type { WakeBus } from '../db/wake-bus.ts'
import type { Egress } from '../egress/egress.ts'
import { appendEvents } from '../events/event-log.ts'
import { ProviderError } from '../kit/errors.ts'
import { checkInput, type InputCheck } from '../kit/input.ts'
import { stringifyJson } from '../kit/json.ts'
import { byteRedactorOf } from '../kit/redactors.ts'
import { redactJson } from '../requests/echoed-credentials.ts'
import {
  CALLER_REQUEST,
  type ConnectionSource,
  type OutgoingRequest,
  responseFor,
  type Sender,
  storedConnection,
  testRequestOf,
} from '../requests/send.ts'
import { SyncFailedError } from '../sync/jobs/sync-error.ts'
import { pageRequest } from '../sync/read/fetch-page.ts'
import { findRecords } from '../sync/read/page-records.ts'
import { pathText } from '../sync/read/pagination.ts'
import type { Vault } from '../vault/vault.ts'
import type { CredentialInput } from '../wire/credential-fields.ts'
import { DEFAULT_RENEW_TIMEOUT_MS } from '../wire/credential-request.ts'
import { createProviderResponse } from '../wire/provider-response.ts'
import { repeatWhileUnavailable } from '../wire/repeat-while-unavailable.ts'
import { FAILURES, type ProviderFailure } from '../wire/verdict.ts'
import { consentOf } from './oauth/consent-request.ts'

interface TestDeps {
  database: Database
  bus: WakeBus
  broker: Broker
  sender: Sender
}

/**
 * Tests the credential of a connection with a request to the provider. The credential is refreshed first if it is due. When
 * the provider accepts it, a connection in ERROR becomes ACTIVE, and so does one in NEEDS_REAUTH whose credential the API had
 * refused. When the provider refuses a credential that cannot be renewed, the connection becomes NEEDS_REAUTH.
 *
 * @throws NotFoundError; ForbiddenError; the errors of the broker; ProviderError when the provider cannot be reached
 */
export async function testConnection(deps: TestDeps, caller: Caller, connectionId: string): Promise<TestResult> {
  const { workspaceId } = await findWritableConnection(deps.database, caller, connectionId)
  const source = storedConnection(deps.broker, connectionId, () => undefined, { evenIfRejected: true })
  const result = await sendTestRequest(deps.sender, source)
  if (result.ok && result.checked) await heal(deps, workspaceId, connectionId)
  auditLater({ type: 'Connection', id: connectionId, workspaceId })
  return result
}

async function heal(
  { database, bus }: Pick<TestDeps, 'database' | 'bus'>,
  workspaceId: string,
  connectionId: string,
): Promise<void> {
  await database.transaction(async (tx) => {
    const healed = await tx.query(
      `UPDATE connection SET status = 'ACTIVE', status_reason = NULL, updated_at = clock_timestamp()
       WHERE id = $1::uuid AND status = 'ERROR' AND deleted_at IS NULL RETURNING id`,
      [connectionId],
    )
    if (healed.length > 0) await appendEvents(tx, bus, workspaceId, [{ type: 'CONNECTION_ACTIVATED', connectionId }])
  })
}

interface IntegrationTest {
  workspaceId: string
  /** Exactly one of the three is set: slug of an integration of the workspace, slug of a provider, or a definition. */
  integration: string | null
  provider: string | null
  definition: unknown
  credential: CredentialInput
  input: unknown
  /** Name of a stream whose first page is read too. Default: none. */
  stream?: string | null
}

interface TestIntegrationDeps {
  database: Database
  vault: Vault
  egress: Egress
  sender: Sender
  issuerMetadata: IssuerMetadata
  /** Whether the sandbox provider can be used. Default: false. */
  sandbox?: boolean
  customStrategies: CustomStrategies
}

/** What a credential is tested against. */
interface Target {
  id: string
  /** Null when the definition is not one of a stored integration. */
  integrationId: string | null
  /** Slug in the catalogue. Null: the workspace has written the definition. */
  provider: string | null
  definition: IntegrationDefinition
  oauthClient?: OAuthClient | undefined
  /** Of a stored integration: the client for an option of a selective auth (`oauthClientOf`). */
  clientFor?: (option: string | null) => OAuthClient | undefined
}

/**
 * Tests a credential against a definition without storing anything, and reads the first page of a stream if one is named. An access token that is obtained for the test is
 * discarded, and a rotating refresh token is used up.
 *
 * @throws InvalidInputError with every wrong field; NotFoundError; ForbiddenError; ConflictError for a refresh token that a
 * connection of the workspace has; CredentialRefreshError when no credential can be obtained with the values; ProviderError when the provider cannot be reached
 */
export async function testIntegration(
  deps: TestIntegrationDeps,
  caller: Caller,
  values: IntegrationTest,
): Promise<IntegrationTestResult> {
  const { workspaceId, integration, provider, definition } = values
  const check = checkInput()
  if ([integration, provider, definition ?? null].filter((each) => each !== null).length !== 1) {
    check.wrong(['input', 'integration'], 'Give exactly one of integration, provider and definition.')
    check.done()
  }
  await findWritableWorkspace(deps.database, caller, workspaceId)
  if (integration === null) assertNotLimited(caller)
  // It sends a request with the credential of an account that is already connected at the auth provider.
  if (values.credential.authProvider != null) assertScope(caller, 'EXECUTE')
  // It returns data of the provider, which may belong to the OAuth client of the integration.
  if (values.stream != null) assertScope(caller, 'EXECUTE')
  const target = await findTarget(deps, caller, values)
  const stream = checkStream(check, target.definition, values)
  const { auth } = target.definition
  const options = { hasOAuthClient: target.oauthClient !== undefined, customStrategies: deps.customStrategies }
  const account = await checkAuthProvider(deps.database, caller, workspaceId, values.credential, check)
  const now = await databaseNow(deps.database.sql)
  const given = check.part(() => checkNewCredential(auth, values.credential, now, options))
  const input = check.part(() => checkConnectionInput(target.definition, values.input ?? {}))
  check.done()
  if (given === undefined || input === undefined) throw new Error('A failed check was not reported.')
  assertReceivesAccount(account, target, input)
  const opened = openNewCredential(auth, given, { input, kept: {} }, options)
  await assertNotHeld(deps.database.sql, deps.vault, workspaceId, opened.refreshToken)
  const mayReceive = account === null ? undefined : accountReceivers({ ...account, ...target })
  const { stored, definition: tested } =
    given.type === 'auth_provider'
      ? await fromAuthProvider(deps, target, workspaceId, given)
      : { stored: given, definition: target.definition }
  const oauthClient = target.clientFor?.(optionOf(stored))
  const tried = { ...target, definition: tested, oauthClient, mayReceive }
  const source = inMemorySource(deps, tried, workspaceId, stored, input)
  const accepted = await sendTestRequest(deps.sender, source)
  const result = stream === undefined || !accepted.ok ? accepted : await readFirstRecords(deps.sender, source, stream)
  const { integrationId } = target
  auditLater(
    integrationId === null
      ? { type: 'Workspace', id: workspaceId, workspaceId }
      : { type: 'Integration', id: integrationId, workspaceId },
  )
  const warning = await issuerWarning(deps.issuerMetadata, target.definition)
  const message = warning === null ? result.message : `${result.message} ${warning}`
  return { ...result, message, provider: target.provider }
}

/** The stream whose first page is read. Records of an account at an auth provider are read through a connection only. */
function checkStream(
  check: InputCheck,
  { streams = [] }: IntegrationDefinition,
  { stream: name, credential }: IntegrationTest,
): StreamDefinition | undefined {
  if (name == null) return undefined
  const path = ['input', 'stream']
  const stream = streams.find((each) => each.name === name)
  if (credential.authProvider != null)
    check.wrong(path, 'Leave it out, because the credential is that of an authProvider.')
  if (stream === undefined) check.wrong(path, 'The definition has no such stream.')
  else if (stream.parent !== undefined) check.wrong(path, 'Choose a stream without a parent.')
  return stream
}

async function findTarget(deps: TestIntegrationDeps, caller: Caller, values: IntegrationTest): Promise<Target> {
  const { database, vault } = deps
  const { workspaceId, integration, provider, definition } = values
  if (definition != null) {
    const own = await discoverEndpoints(deps, parseOwnDefinition(deps, definition), ['input', 'definition'])
    return { id: 'inline', integrationId: null, provider: null, definition: own }
  }
  if (provider !== null) {
    const entry = findProvider(provider, deps)
    if (entry === null) throw notFound('provider')
    return { id: provider, integrationId: null, provider, definition: entry.definition }
  }
  const [row] = await database.sql.query<OAuthClientRow & Row>(
    `SELECT i.id AS integration_id, i.workspace_id, i.updated_at AS integration_updated_at, i.provider, i.definition, i.oauth_client_id, i.oauth_client_hosts,
            x.sealed AS client_sealed, x.version AS client_version
     FROM integration i LEFT JOIN integration_secret x ON x.integration_id = i.id
     WHERE i.workspace_id = $1::uuid AND i.slug = $2::text AND i.deleted_at IS NULL`,
    [workspaceId, integration],
  )
  if (row === undefined || !seesIntegration(caller, row.integration_id)) throw notFound('integration')
  const { integration_id: id } = row
  return {
    id,
    integrationId: id,
    provider: row.provider,
    definition: definitionOfRow(row),
    oauthClient: oauthClientOf(vault, row),
    clientFor: (option) => oauthClientOf(vault, row, option),
  }
}

/** Gets the credential of an account from its auth provider, and the definition with which it is opened. */
async function fromAuthProvider(
  deps: TestIntegrationDeps,
  target: Target,
  workspaceId: string,
  { provider, accountId }: Extract<NewStoredCredential, { type: 'auth_provider' }>,
): Promise<{ stored: StoredCredential; definition: IntegrationDefinition }> {
  const { integrationId, oauthClient } = target
  const usable = accountDefinitionOf(target)
  const now = await databaseNow(deps.database.sql)
  const account = { workspaceId, provider, accountId, connectionId: null, integrationId, endUserId: null }
  const { credential } = await fetchExternalCredential(deps, account, now)
  const { customStrategies } = deps
  const stored = asStored(usable, credential, now, { hasOAuthClient: oauthClient !== undefined, customStrategies })
  return { stored, definition: usable.definition }
}

interface TestedTarget extends Omit<Target, 'integrationId' | 'provider' | 'clientFor'> {
  /** Whether the credential may be sent to a URL. Default: to all of the definition. */
  mayReceive?: ((url: URL) => boolean) | undefined
}

/**
 * A source that opens a credential like that of a stored connection, but keeps everything in memory.
 * @param onRenewed called with each renewed credential, for callers that store it
 */
export function inMemorySource(
  { database, egress, customStrategies }: Pick<TestIntegrationDeps, 'database' | 'egress' | 'customStrategies'>,
  { id, definition, oauthClient, mayReceive }: TestedTarget,
  workspaceId: string,
  stored: StoredCredential,
  input: Record<string, string>,
  onRenewed: (renewal: Renewal) => void = () => undefined,
): ConnectionSource {
  const strategy = strategyOf(definition.auth, customStrategies)
  const client = { hasOAuthClient: oauthClient !== undefined, oauthClient }
  const tokens = mayReceive === undefined ? unstoredTokens({ database, egress, customStrategies }) : undefined

  function open(credential: StoredCredential, kept: Record<string, unknown>): OpenedConnection {
    const unbound = strategy.open(credential, { input, kept, workspaceId, ...client })
    const authenticator = mayReceive === undefined ? unbound : boundTo(unbound, mayReceive)
    const scope = scopeOf(definition.auth, credential, { input, kept })
    // The integration id is the key of the rate limit. Tests of other workspaces must not share it.
    return {
      connectionId: '',
      workspaceId,
      integrationId: `${workspaceId} ${id}`,
      definition,
      authenticator,
      tokens,
      scope,
      version: 0,
    }
  }

  let last: OpenedConnection | null = null
  return {
    async open() {
      if (last !== null && last.authenticator.singleUse !== true) return last
      const now = await databaseNow(database.sql)
      const opened = open(stored, {})
      if (isUsable(opened.authenticator, now)) last = opened
      else {
        const { responseErrors } = definition
        const renewal = await repeatWhileUnavailable({ timeoutMs: DEFAULT_RENEW_TIMEOUT_MS }, (timeoutMs) =>
          strategy.renew(stored, { egress, now, timeoutMs, input, kept: {}, workspaceId, oauthClient, responseErrors }),
        )
        onRenewed(renewal)
        last = open(renewal.stored, renewal.kept ?? {})
      }
      return last
    },
    refused: async () => null,
  }
}

/** Whether the credential is sent as it is. An expired access token that cannot be refreshed is sent too. */
function isUsable({ ready, refreshable, singleUse, expiresAt }: Authenticator, now: Date): boolean {
  if (!refreshable) return ready
  return ready && singleUse !== true && (expiresAt === undefined || expiresAt > now)
}

/** Result of testing a credential. */
export interface TestResult {
  ok: boolean
  /** False when the definition has no test request. */
  checked: boolean
  /** The provider's own message where there is one. */
  message: string
  providerStatus: number | null
  /** The message, if it is the provider's own. Absent: it is a sentence of ours. */
  providerMessage?: string
  /** The provider's error code. Absent: it sent none. */
  providerCode?: string
  /** The first records of the stream that was read. Null or absent: none was read. */
  records?: readonly unknown[] | null
}

export interface IntegrationTestResult extends TestResult {
  /** Slug of the provider. Null: the workspace has written the definition. */
  provider: string | null
}

const MAX_RESPONSE_BYTES = 1024 * 1024

/**
 * Sends the definition's test request. Without one, the test succeeds if the source can supply a credential.
 * @throws the errors of the source; ProviderError when the provider cannot be reached, so that the result is unknown
 */
export async function sendTestRequest(sender: Sender, source: ConnectionSource): Promise<TestResult> {
  const opened = await source.open()
  const request = testRequestOf(opened)
  if (request === undefined) {
    const message = 'There is a credential, but the provider was not asked: the definition has no test request.'
    return { ok: true, checked: false, message, providerStatus: null }
  }
  const sent = await sender.send(alreadyOpened(source, opened), request, {
    policy: CALLER_REQUEST,
    limits: { maxResponseBytes: MAX_RESPONSE_BYTES },
    isTest: true,
  })
  // The host has refused the client certificate, or it has expired.
  if (sent.response === null && FAILURES[sent.failure.as].credentialRefused) return refusal(sent.failure)
  const { failure, response } = responseFor(sent)
  const { status } = response
  if (failure === null) {
    return { ok: true, checked: true, message: 'The provider accepts the credential.', providerStatus: status }
  }
  return refusal(failure)
}

/**
 * Tests a credential as well as the definition allows: with the test request, or else with the first page of the first stream.
 * That page can only show that the provider refuses the credential: any other failure may be due to the stream.
 * @throws as `sendTestRequest`
 */
export async function tryCredential(sender: Sender, source: ConnectionSource): Promise<TestResult> {
  const opened = await source.open()
  const page = opened.definition.testRequest === undefined ? firstPageOf(opened) : undefined
  if (page === undefined) return sendTestRequest(sender, alreadyOpened(source, opened))
  const sent = await sender.send(alreadyOpened(source, opened), page, {
    policy: CALLER_REQUEST,
    responses: opened.definition.streams?.[0]?.responses,
  })
  const { failure } = sent
  const providerStatus = sent.response?.status ?? null
  if (failure !== null && FAILURES[failure.as].credentialRefused) {
    return refusal(failure)
  }
  const message =
    failure === null
      ? 'The provider accepts the credential.'
      : `The provider has not refused the credential. ${failure.message}`
  return { ok: true, checked: failure === null, message, providerStatus }
}

/** The result of a request that the provider refused. */
function refusal({ message, providerStatus, providerError, providerMessage }: ProviderFailure): TestResult {
  return {
    ok: false,
    checked: true,
    message: providerMessage ?? message,
    providerStatus: providerStatus ?? null,
    providerMessage,
    providerCode: providerError,
  }
}

const MAX_RECORDS = 5
const MAX_RECORDS_BYTES = 64 * 1024

/** Reads the first page of a stream, with its first records. Nothing is stored. Secrets that the provider repeats are redacted. */
async function readFirstRecords(
  sender: Sender,
  source: ConnectionSource,
  stream: StreamDefinition,
): Promise<TestResult> {
  const opened = await source.open()
  const refused = (message: string, providerStatus: number | null = null): TestResult => ({
    ...{ ok: false, checked: true, providerStatus },
    message: `The provider accepts the credential, but the stream ${stream.name} cannot be read. ${message}`,
  })
  try {
    const page = pageRequest(opened, stream, { kind: 'first' }, { since: null, endAtMs: Date.now() })
    const sent = await sender.send(alreadyOpened(source, opened), page, {
      policy: CALLER_REQUEST,
      limits: { maxResponseBytes: MAX_RESPONSE_BYTES },
      responses: stream.responses,
    })
    const { failure, response, body, secrets } = responseFor(sent)
    const { status } = response
    if (failure !== null) return refused(failure.providerMessage ?? failure.message, status)
    const { json } = createProviderResponse(status, response.headers, body ?? new Uint8Array())
    const { records } = findRecords(json, { stream, page: 1, mayBeNull: true, mayBeAbsent: false })
    const count = records.length === 1 ? '1 record' : `${records.length} records`
    const missing = records.length === 0 ? [] : missingPlaces(stream, records, json(), response.headers)
    const message = [
      `The provider accepts the credential. The first page of ${stream.name} has ${count}.`,
      ...missing.map((place) => `${place} Correct the definition.`),
    ].join(' ')
    const shown = shownRecords(records, secrets)
    return { ok: missing.length === 0, checked: true, message, providerStatus: status, records: shown }
  } catch (error) {
    if (error instanceof TemplateError || error instanceof SyncFailedError) return refused(error.message)
    throw error
  }
}

/**
 * What the definition names and the first page does not have, in whole sentences. A field that some records lack, or that is null, is
 * there. `hasMore` may be absent on the last page.
 */
function missingPlaces(
  stream: StreamDefinition,
  records: readonly unknown[],
  body: unknown,
  headers: Headers,
): string[] {
  const { primaryKey = [], pagination } = stream
  const cursorField = fieldCursorOf(stream)?.cursorField
  const isMissing = (path: Path) => records.every((record) => readPath(record, path) === undefined)
  const ofRecords = [
    ...primaryKey.filter(isMissing).map((path) => ['primaryKey', path] as const),
    ...(cursorField !== undefined && isMissing(cursorField) ? [['incremental.cursorField', cursorField] as const] : []),
  ]
  const totals = (['total', 'totalPages'] as const).flatMap((name) => {
    const place =
      pagination !== undefined && name in pagination ? (pagination as { [key: string]: unknown })[name] : undefined
    return place === undefined ? [] : [[`pagination.${name}`, place as ValuePlace] as const]
  })
  return [
    ...ofRecords.map(([name, path]) => `No record has ${pathText(path)}, which is its ${name}.`),
    ...totals
      .filter(([, place]) => readPlace(place, body, headers) === undefined)
      .map(
        ([name, place]) => `The page has no ${typeof place === 'string' ? place : pathText(place)}, which is ${name}.`,
      ),
  ]
}

/** The first records, without secrets, as far as they are not too large together. */
function shownRecords(records: readonly unknown[], secrets: readonly string[]): unknown[] {
  const redactor = byteRedactorOf(secrets)
  let bytes = 0
  const shown: unknown[] = []
  for (const record of records.slice(0, MAX_RECORDS)) {
    bytes += Buffer.byteLength(stringifyJson(record))
    if (bytes > MAX_RECORDS_BYTES) break
    shown.push(redactor.active ? redactJson(record, redactor) : record)
  }
  return shown
}

function firstPageOf(opened: OpenedConnection): OutgoingRequest | undefined {
  // The first stream has no parent: a parent stands before its sub-streams.
  const stream = opened.definition.streams?.[0]
  if (stream === undefined) return undefined
  try {
    return pageRequest(opened, stream, { kind: 'first' }, { since: null, endAtMs: Date.now() })
  } catch (error) {
    // Its templates may need values that only a sync job has.
    if (error instanceof TemplateError || error instanceof SyncFailedError) return undefined
    throw error
  }
}

/** Hands out a credential that is already open. A single-use credential must not be obtained twice for one request. */
function alreadyOpened(source: ConnectionSource, opened: OpenedConnection): ConnectionSource {
  let first: OpenedConnection | null = opened
  return {
    async open() {
      const next = first ?? (await source.open())
      first = null
      return next
    },
    refused: (last) => source.refused(last),
    rejected: async (last, rejection) => source.rejected?.(last, rejection),
    accepted: async (last) => source.accepted?.(last),
  }
}

/**
 * Problems with a definition's authorization server, in whole sentences: its metadata cannot be read or belongs to another
 * issuer, or it may not support PKCE. Null when there are none.
 */
async function issuerWarning(metadata: IssuerMetadata, definition: { auth: Auth }): Promise<string | null> {
  const auth = consentOf(definition.auth)?.auth
  if (auth === undefined || auth.type === 'oauth1') return null
  try {
    return pkceWarning(auth, await metadata.inspect(auth))
  } catch (error) {
    if (error instanceof ProviderError) return error.message
    throw error
  }
}
