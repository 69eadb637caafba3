import { MAX_EXTERNAL_ID } from '../connections/end-users.ts'
import type { Workspace } from '../db/generated/client.ts'
import type { InputCheck } from '../kit/input.ts'
import { isPlainHost } from '../kit/plain-host.ts'

export interface NewConnectSession {
  workspaceId: string
  /** Exactly one of the two. */
  endUserId: string | null
  endUserExternalId: string | null
  /** Slugs; null: all of the workspace. */
  integrations: readonly string[] | null
  redirectUrl: string | null
  allowedOrigins: readonly string[]
  /** To be connected again. */
  connectionId: string | null
  expiresInSeconds: number
  /** Null: as the workspace has it. */
  confirmation: 'REQUIRED' | 'NONE' | null
}

const MIN_SECONDS = 60
const MAX_SECONDS = 86_400
const MAX_ORIGINS = 20
const MAX_INTEGRATIONS = 100

/** What can be said of the input without looking further than its workspace. */
export function checkNewSession(check: InputCheck, input: NewConnectSession, workspace: Workspace): void {
  check.text(['input', 'endUserExternalId'], input.endUserExternalId, MAX_EXTERNAL_ID)
  if ((input.endUserId === null) === (input.endUserExternalId === null)) {
    check.wrong(['input', 'endUserId'], 'Give exactly one of endUserId and endUserExternalId.')
  }
  const { integrations, redirectUrl, expiresInSeconds: seconds } = input
  if (integrations !== null && (integrations.length === 0 || integrations.length > MAX_INTEGRATIONS)) {
    check.wrong(['input', 'integrations'], `Give 1 to ${MAX_INTEGRATIONS} slugs, or leave it out to offer all.`)
  }
  if (integrations !== null && input.connectionId !== null) {
    check.wrong(['input', 'integrations'], 'Leave it out beside connectionId: a connection stays at its integration.')
  }
  if (redirectUrl !== null && !workspace.redirectUrls.includes(redirectUrl)) {
    check.wrong(['input', 'redirectUrl'], 'Must be one of the redirectUrls of the workspace, to the character.')
  }
  checkOrigins(check, input.allowedOrigins)
  if (seconds < MIN_SECONDS || seconds > MAX_SECONDS) {
    check.wrong(['input', 'expiresInSeconds'], `Must be ${MIN_SECONDS} to ${MAX_SECONDS}.`)
  }
  if (input.confirmation === 'NONE' && workspace.confirmation !== 'NONE') {
    check.wrong(['input', 'confirmation'], 'May be NONE only where the confirmation of the workspace is NONE.')
  }
}

function checkOrigins(check: InputCheck, origins: readonly string[]): void {
  if (origins.length > MAX_ORIGINS) check.wrong(['input', 'allowedOrigins'], `Give at most ${MAX_ORIGINS} origins.`)
  for (const [index, origin] of origins.entries()) {
    const url = URL.canParse(origin) ? new URL(origin) : null
    // To the character what a browser calls the origin: it is put into headers and compared as text.
    const exact = url !== null && url.origin === origin && ['http:', 'https:'].includes(url.protocol)
    if (!exact || !isPlainHost(url.hostname)) {
      const message =
        'Must be an origin such as https://app.example.com: lower case, no path, no default port, no wildcard.'
      check.wrong(['input', 'allowedOrigins', String(index)], message)
    }
  }
}
