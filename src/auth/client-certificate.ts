import { randomUUID } from 'node:crypto'
import type { z } from 'zod'
import type { Auth } from '../catalog/definition/auth.ts'
import {
  type CertificateTemplates,
  certificateTemplatesOf,
  isCertificateOfClient,
} from '../catalog/definition/client-certificate.ts'
import { compileTemplate, renderTemplate, type TemplateScope } from '../catalog/template/template.ts'
import { TemplateError, unlessMissing } from '../catalog/template/value.ts'
import { ClientCertificateError, readClientCertificate } from '../egress/client-certificate.ts'
import { InvalidInputError } from '../kit/errors.ts'
import { type CredentialInput, describedFieldsOf, givenKinds } from '../wire/credential-fields.ts'
import type { PresentedCertificate } from '../wire/request-draft.ts'
import { ownClientOf } from './oauth2/token-response.ts'
import { readStored, type StoredCredential, storedSchemas } from './stored-credential.ts'
import type { BoundStrategy, CheckContext, ConnectionContext, OAuthClient } from './strategy.ts'
import { scopeOf } from './template-scope.ts'

/**
 * A strategy whose requests also present the client certificate of the auth: those to the API, and those that obtain or renew the
 * credential. The certificate is a part of the credential, and is checked with it.
 *
 * @returns the strategy itself if the auth has no client certificate
 */
export function withClientCertificate(strategy: BoundStrategy, auth: Auth): BoundStrategy {
  const templates = certificateTemplatesOf(auth)
  if (templates === undefined || auth.type === 'selective') return strategy
  const schema: z.ZodType<StoredCredential> = storedSchemas[auth.type]
  return {
    describe: (options) => strategy.describe(options),
    check(input, context) {
      const stored = strategy.check(input, context)
      if (!isCertificateOfClient(auth)) checkCertificate(auth, templates, stored, input, context)
      return stored
    },
    open(stored, context) {
      const authenticator = strategy.open(stored, context)
      let certificate: PresentedCertificate | undefined
      return Object.defineProperty(authenticator, 'clientCertificate', {
        enumerable: true,
        get() {
          certificate ??= clientCertificateFor(auth, readStored(schema, stored), context)
          return certificate
        },
      })
    },
    async renew(stored, context) {
      const clientCertificate = clientCertificateFor(auth, readStored(schema, stored), context)
      return strategy.renew(stored, { ...context, clientCertificate })
    },
  }
}

interface CertificateContext extends ConnectionContext {
  /** The integration's client. */
  oauthClient?: OAuthClient | undefined
}

/**
 * The client certificate of a stored credential; undefined when the auth has none.
 * @throws TemplateError when the credential lacks what it consists of
 */
export function clientCertificateFor(
  auth: Auth,
  stored: StoredCredential,
  context: CertificateContext,
): PresentedCertificate | undefined {
  const templates = certificateTemplatesOf(auth)
  if (templates === undefined) return undefined
  const scope = scopeOf(auth, stored, context)
  return {
    ...rendered(templates, isCertificateOfClient(auth) ? withClient(scope, auth, stored, context) : scope),
    // Without a workspace, nothing else may use its connections.
    owner: context.workspaceId ?? randomUUID(),
    ofClient: isCertificateOfClient(auth),
  }
}

/** The templates read the client as those of token requests do. */
function withClient(
  scope: TemplateScope,
  auth: Auth,
  stored: StoredCredential,
  context: CertificateContext,
): TemplateScope {
  const own = auth.type === 'oauth2' && stored.type === 'oauth2' ? ownClientOf(auth, stored, context) : undefined
  const client = own ?? context.oauthClient
  return client === undefined
    ? scope
    : { ...scope, config: { ...context.input, client_id: client.clientId, client_secret: client.clientSecret } }
}

function rendered({ certificate, key, passphrase }: CertificateTemplates, scope: TemplateScope) {
  return {
    certificate: renderTemplate(certificate, scope),
    key: renderTemplate(key, scope),
    // A key need not be encrypted.
    passphrase: passphrase === undefined ? undefined : unlessMissing(() => renderTemplate(passphrase, scope)),
  }
}

/**
 * Checks the certificate of a new credential, unless its templates also read data that is not known yet.
 * @throws InvalidInputError that names the field, without a value
 */
function checkCertificate(
  auth: Auth,
  templates: CertificateTemplates,
  { fields }: StoredCredential,
  input: CredentialInput,
  context: CheckContext,
): void {
  const names = describedFieldsOf(auth, context).map(({ name }) => name)
  const [kind = 'fields'] = givenKinds(input)
  const fail = (name: string | undefined, message: string): never => {
    const path = [...context.path, kind, ...(kind === 'fields' && name !== undefined ? [name] : [])]
    throw new InvalidInputError([{ path, message }])
  }
  try {
    readClientCertificate(rendered(templates, { config: fields, input: {}, kept: {} }), context.now)
  } catch (error) {
    if (error instanceof ClientCertificateError) {
      const { references } = compileTemplate(templates[error.part] ?? templates.key)
      fail(
        names.find((name) => references.has(`config['${name}']`)),
        error.problem,
      )
    }
    if (!(error instanceof TemplateError) || error.fault !== 'missing') throw error
    const missing = names.find((name) => error.reference === `config['${name}']`)
    if (missing !== undefined) fail(missing, kind === 'fields' ? 'is missing' : NEEDS_FIELDS)
  }
}

const NEEDS_FIELDS =
  'has no client certificate, which every request to this service needs. Give fields, with the certificate and its private key'
