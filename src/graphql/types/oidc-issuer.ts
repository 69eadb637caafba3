import {
  approveOidcIssuer,
  createOidcIssuer,
  deleteOidcIssuer,
  SIGNING_ALGORITHMS,
  updateOidcIssuer,
  verifyOidcIssuer,
} from '../../access/oidc-issuers.ts'
import type { OidcIssuer } from '../../db/generated/client.ts'
import { builder } from '../kernel/builder.ts'
import { callerOf } from '../kernel/context.ts'
import { decodeGlobalId, encodeGlobalId } from '../kernel/global-id.ts'
import { mutation, payloadType } from '../kernel/mutation.ts'
import { pageArgs, pageType } from '../kernel/page-type.ts'
import { OidcIssuerRef, WorkspaceRef } from './refs.ts'
import { DELETED_ID, IN_WORKSPACE, NODE_ID, WORKSPACE_OF } from './wording.ts'

const SIGNING_ALGORITHM_VALUES = {
  RS256: { description: 'RSASSA-PKCS1-v1_5 with SHA-256 (RFC 7518).' },
  RS384: { description: 'RSASSA-PKCS1-v1_5 with SHA-384 (RFC 7518).' },
  RS512: { description: 'RSASSA-PKCS1-v1_5 with SHA-512 (RFC 7518).' },
  PS256: { description: 'RSASSA-PSS with SHA-256 (RFC 7518).' },
  PS384: { description: 'RSASSA-PSS with SHA-384 (RFC 7518).' },
  PS512: { description: 'RSASSA-PSS with SHA-512 (RFC 7518).' },
  ES256: { description: 'ECDSA with P-256 and SHA-256 (RFC 7518).' },
  ES384: { description: 'ECDSA with P-384 and SHA-384 (RFC 7518).' },
  ES512: { description: 'ECDSA with P-521 and SHA-512 (RFC 7518).' },
  EdDSA: { description: 'Edwards-curve signatures (RFC 8037).' },
  Ed25519: { description: 'Edwards-curve signatures with Ed25519 (RFC 9864).' },
} as const satisfies Record<(typeof SIGNING_ALGORITHMS)[number], object>

const SigningAlgorithmRef = builder.enumType('SigningAlgorithm', {
  description: 'Algorithm of the signature of a JWT. All of them use a key pair.',
  values: SIGNING_ALGORITHM_VALUES,
})

const ISSUER = 'Value of the claim `iss` of its tokens, compared exactly: a URL without query and fragment.'
const AUDIENCE =
  'Value of the claim `aud` of the tokens that are meant for this workspace. Issuer and audience together are unique in the workspace.'
const JWKS_URL = 'URL of its public keys.'
const FROM_METADATA = "Null: it is read from the issuer's metadata at `/.well-known/openid-configuration`."
const END_USER_CLAIM =
  'Claim that holds the external id of the end user. A dot leads into a nested object; a name that is a URI is not split.'
const ALGORITHMS = 'Algorithms that its tokens may be signed with.'
const WORKSPACE_CLAIM =
  'Claim with which its tokens name the workspace, by id or slug. Tokens that name another one, or none, are refused. A dot leads into a nested object; a name that is a URI is not split. Standard claims such as `sub` or `email` are refused. For requests that name no workspace, the claim takes precedence over the issuers of other workspaces only if an operator has approved this one. Null: tokens do not name the workspace.'
const CREATE_END_USERS =
  'True: an end user that does not exist is created when a token names them. False: the token is refused.'

builder.prismaObjectFields(OidcIssuerRef, (t) => ({
  id: t.id({ description: NODE_ID, resolve: ({ id }) => encodeGlobalId('OidcIssuer', id) }),
  issuer: t.exposeString('issuer', { description: ISSUER }),
  audience: t.exposeString('audience', { description: AUDIENCE }),
  jwksUrl: t.exposeString('jwksUrl', { nullable: true, description: `${JWKS_URL} ${FROM_METADATA}` }),
  endUserClaim: t.exposeString('endUserClaim', { description: END_USER_CLAIM }),
  allowedAlgorithms: t.field({
    type: [SigningAlgorithmRef],
    description: ALGORITHMS,
    resolve: ({ allowedAlgorithms }) => SIGNING_ALGORITHMS.filter((name) => allowedAlgorithms.includes(name)),
  }),
  createEndUsers: t.exposeBoolean('createEndUsers', { description: CREATE_END_USERS }),
  workspaceClaim: t.exposeString('workspaceClaim', { nullable: true, description: WORKSPACE_CLAIM }),
  verified: t.boolean({
    description:
      'True if requests with its tokens need not name the workspace: the workspace has presented a token of the issuer (`verifyOidcIssuer`), or an operator has approved it. With `LATCHKEY_ISSUER_APPROVAL=operator`, true only after `approveOidcIssuer`; until then all tokens are refused. A change of `issuer`, `audience`, `jwksUrl`, `workspaceClaim` or `allowedAlgorithms` makes it false.',
    resolve: ({ provedAt, approvedAt }, _args, { services }) =>
      approvedAt !== null || (provedAt !== null && services.issuerApproval !== 'operator'),
  }),
  createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the OIDC issuer was created.' }),
  workspace: t.field({
    type: WorkspaceRef,
    description: WORKSPACE_OF,
    resolve: ({ workspaceId }, _args, context) => context.loaders.workspace.load(workspaceId),
  }),
}))

const OidcIssuersPage = pageType('WorkspaceOidcIssuersPage', 'OIDC issuers of a workspace', OidcIssuerRef)

builder.prismaObjectField(WorkspaceRef, 'oidcIssuers', (t) =>
  t.field({
    type: OidcIssuersPage,
    description: 'OIDC issuers of the workspace, oldest first. Empty for callers other than ADMIN keys and operators.',
    args: pageArgs(t.arg),
    resolve: ({ id }, args, context) =>
      context.loaders.lists.page<OidcIssuer>({ table: 'oidc_issuer', parentColumn: 'workspace_id', ...args }, id),
  }),
)

const CreateOidcIssuerInput = builder.inputType('CreateOidcIssuerInput', {
  description: 'A new OIDC issuer.',
  fields: (t) => ({
    workspaceId: t.id({ description: IN_WORKSPACE }),
    issuer: t.string({ description: ISSUER }),
    audience: t.string({ description: AUDIENCE }),
    jwksUrl: t.string({ required: false, description: `${JWKS_URL} ${FROM_METADATA}` }),
    endUserClaim: t.string({ required: false, description: `${END_USER_CLAIM} Default: \`sub\`.` }),
    allowedAlgorithms: t.field({
      type: [SigningAlgorithmRef],
      required: false,
      description: `${ALGORITHMS} Default: RS256, ES256, EdDSA, PS256.`,
    }),
    createEndUsers: t.boolean({ required: false, description: `${CREATE_END_USERS} Default: false.` }),
    workspaceClaim: t.string({ required: false, description: WORKSPACE_CLAIM }),
  }),
})

mutation('createOidcIssuer', {
  scope: 'ADMIN',
  wholeWorkspace: true,
  description:
    'Creates an OIDC issuer. It is not contacted. Until it is verified, requests with its tokens must name the workspace in the header `x-latchkey-workspace`. An issuer and audience that the workspace has already are CONFLICT. It needs a key with every scope and without an expiry, because the end users of an issuer can use all of them for as long as it exists.',
  input: CreateOidcIssuerInput,
  names: ({ workspaceId }) => workspaceId,
  payload: payloadType<{ oidcIssuer: OidcIssuer }>('CreateOidcIssuerPayload', (t) => ({
    oidcIssuer: t.expose('oidcIssuer', { type: OidcIssuerRef, description: 'The new OIDC issuer.' }),
  })),
  resolve: async ({ workspaceId, jwksUrl, workspaceClaim, ...rest }, context) => ({
    oidcIssuer: await createOidcIssuer(context.services.database, callerOf(context), {
      ...withoutNulls(rest),
      workspaceId: decodeGlobalId('Workspace', workspaceId),
      jwksUrl,
      workspaceClaim,
    }),
  }),
})

const UpdateOidcIssuerInput = builder.inputType('UpdateOidcIssuerInput', {
  description:
    'Changes to an OIDC issuer. Fields that are left out keep their value, and so do fields other than `jwksUrl` and `workspaceClaim` that are null.',
  fields: (t) => ({
    oidcIssuerId: t.id({ description: 'Global id of the OIDC issuer.' }),
    issuer: t.string({ required: false, description: ISSUER }),
    audience: t.string({ required: false, description: AUDIENCE }),
    jwksUrl: t.string({ required: false, description: `${JWKS_URL} ${FROM_METADATA}` }),
    endUserClaim: t.string({ required: false, description: END_USER_CLAIM }),
    allowedAlgorithms: t.field({ type: [SigningAlgorithmRef], required: false, description: ALGORITHMS }),
    createEndUsers: t.boolean({ required: false, description: CREATE_END_USERS }),
    workspaceClaim: t.string({ required: false, description: WORKSPACE_CLAIM }),
  }),
})

mutation('updateOidcIssuer', {
  scope: 'ADMIN',
  wholeWorkspace: true,
  description:
    'Changes an OIDC issuer. Live subscriptions of callers with its tokens end. A change of `issuer`, `audience`, `jwksUrl`, `workspaceClaim` or `allowedAlgorithms` takes its verification back.',
  input: UpdateOidcIssuerInput,
  names: ({ oidcIssuerId }) => oidcIssuerId,
  payload: payloadType<{ oidcIssuer: OidcIssuer }>('UpdateOidcIssuerPayload', (t) => ({
    oidcIssuer: t.expose('oidcIssuer', { type: OidcIssuerRef, description: 'The changed OIDC issuer.' }),
  })),
  resolve: async ({ oidcIssuerId, jwksUrl, workspaceClaim, ...rest }, context) => {
    const { database, bus } = context.services
    const id = decodeGlobalId('OidcIssuer', oidcIssuerId)
    const change = { ...withoutNulls(rest), jwksUrl, workspaceClaim }
    return { oidcIssuer: await updateOidcIssuer(database, bus, callerOf(context), id, change) }
  },
})

const VerifyOidcIssuerInput = builder.inputType('VerifyOidcIssuerInput', {
  description: 'Proof that an OIDC issuer signs tokens for its audience.',
  fields: (t) => ({
    oidcIssuerId: t.id({ description: 'Global id of the OIDC issuer.' }),
    token: t.field({
      type: 'Secret',
      description: 'A JWT of the issuer for the audience, as callers present it. It is not stored.',
    }),
  }),
})

mutation('verifyOidcIssuer', {
  scope: 'ADMIN',
  wholeWorkspace: true,
  description:
    "Verifies an OIDC issuer with one of its tokens. The signature is checked with the keys of the issuer's own metadata at `/.well-known/openid-configuration`; `jwksUrl` must be null or name the same keys. An issuer without metadata has to be approved by an operator.",
  input: VerifyOidcIssuerInput,
  names: ({ oidcIssuerId }) => oidcIssuerId,
  payload: payloadType<{ oidcIssuer: OidcIssuer }>('VerifyOidcIssuerPayload', (t) => ({
    oidcIssuer: t.expose('oidcIssuer', {
      type: OidcIssuerRef,
      description:
        'The OIDC issuer. With `LATCHKEY_ISSUER_APPROVAL=operator`, an operator has to approve it in addition.',
    }),
  })),
  resolve: async ({ oidcIssuerId, token }, context) => {
    const id = decodeGlobalId('OidcIssuer', oidcIssuerId)
    return { oidcIssuer: await verifyOidcIssuer(context.services, callerOf(context), id, token) }
  },
})

const ApproveOidcIssuerInput = builder.inputType('ApproveOidcIssuerInput', {
  description: 'The OIDC issuer to approve.',
  fields: (t) => ({ oidcIssuerId: t.id({ description: 'Global id of the OIDC issuer.' }) }),
})

mutation('approveOidcIssuer', {
  scope: 'ADMIN',
  wholeWorkspace: true,
  description:
    'Verifies an OIDC issuer by the decision of an operator, as it is configured now. Compare the result with what you decided about. Callers other than operators get FORBIDDEN.',
  input: ApproveOidcIssuerInput,
  names: ({ oidcIssuerId }) => oidcIssuerId,
  payload: payloadType<{ oidcIssuer: OidcIssuer }>('ApproveOidcIssuerPayload', (t) => ({
    oidcIssuer: t.expose('oidcIssuer', { type: OidcIssuerRef, description: 'The approved OIDC issuer.' }),
  })),
  resolve: async ({ oidcIssuerId }, context) => {
    const { database, bus } = context.services
    const id = decodeGlobalId('OidcIssuer', oidcIssuerId)
    return { oidcIssuer: await approveOidcIssuer(database, bus, callerOf(context), id) }
  },
})

const DeleteOidcIssuerInput = builder.inputType('DeleteOidcIssuerInput', {
  description: 'The OIDC issuer to delete.',
  fields: (t) => ({ oidcIssuerId: t.id({ description: 'Global id of the OIDC issuer.' }) }),
})

mutation('deleteOidcIssuer', {
  scope: 'ADMIN',
  wholeWorkspace: true,
  description:
    'Deletes an OIDC issuer. Its tokens are refused and live subscriptions of callers with its tokens end. The end users stay.',
  input: DeleteOidcIssuerInput,
  names: ({ oidcIssuerId }) => oidcIssuerId,
  payload: payloadType<{ deletedId: string }>('DeleteOidcIssuerPayload', (t) => ({
    deletedId: t.exposeID('deletedId', { description: DELETED_ID }),
  })),
  resolve: async ({ oidcIssuerId }, context) => {
    const { database, bus } = context.services
    await deleteOidcIssuer(database, bus, callerOf(context), decodeGlobalId('OidcIssuer', oidcIssuerId))
    return { deletedId: oidcIssuerId }
  },
})

type WithoutNulls<T> = { [Key in keyof T]: Exclude<T[Key], null> }

/** Drops null fields: a field that cannot be null keeps its value or its default if null is sent for it. */
function withoutNulls<T extends object>(fields: T): WithoutNulls<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null)) as WithoutNulls<T>
}
