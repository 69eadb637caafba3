import { createOidcIssuer, deleteOidcIssuer, SIGNING_ALGORITHMS, updateOidcIssuer } from '../../access/oidc-issuers.ts'
import type { OidcIssuer } from '../../db/generated/client.ts'
import { builder } from '../kernel/builder.ts'
import { callerOf } from '../kernel/context.ts'
import { decodeGlobalId, encodeGlobalId } from '../kernel/global-id.ts'
import { mutation } from '../kernel/mutation.ts'
import { pageType } from '../kernel/page-type.ts'
import { OidcIssuerRef, WorkspaceRef } from './refs.ts'

const SigningAlgorithmRef = builder.enumType('SigningAlgorithm', {
  description: 'Signatures by a key pair (RFC 7518, RFC 8037, RFC 9864).',
  values: SIGNING_ALGORITHMS,
})

builder.prismaObjectFields(OidcIssuerRef, (t) => ({
  id: t.id({ resolve: ({ id }) => encodeGlobalId('OidcIssuer', id) }),
  issuer: t.exposeString('issuer', { description: 'The `iss` of its tokens.' }),
  audience: t.exposeString('audience', { description: 'The `aud` of the tokens that are meant for this workspace.' }),
  jwksUrl: t.exposeString('jwksUrl', {
    nullable: true,
    description: 'Where its public keys are. Null: where its metadata says, at /.well-known/openid-configuration.',
  }),
  endUserClaim: t.exposeString('endUserClaim', {
    description: 'The claim that holds the external id of the end user; a dot leads into a nested one.',
  }),
  allowedAlgorithms: t.field({
    type: [SigningAlgorithmRef],
    resolve: ({ allowedAlgorithms }) => SIGNING_ALGORITHMS.filter((name) => allowedAlgorithms.includes(name)),
  }),
  createEndUsers: t.exposeBoolean('createEndUsers', {
    description: 'Whether an end user who is not known yet is created when a token names him. Otherwise it is refused.',
  }),
  createdAt: t.expose('createdAt', { type: 'DateTime' }),
  workspace: t.field({
    type: WorkspaceRef,
    resolve: ({ workspaceId }, _args, context) => context.loaders.workspace.load(workspaceId),
  }),
}))

const OidcIssuersPage = pageType<OidcIssuer>('WorkspaceOidcIssuersPage', OidcIssuerRef)

builder.prismaObjectField(WorkspaceRef, 'oidcIssuers', (t) =>
  t.field({
    type: OidcIssuersPage,
    description: 'Whose tokens are taken for end users of this workspace. Only ADMIN keys and operators see them.',
    args: { first: t.arg.int({ required: false }), after: t.arg.string({ required: false }) },
    resolve: ({ id }, args, context) =>
      context.loaders.lists.page<OidcIssuer>({ table: 'oidc_issuer', parentColumn: 'workspace_id', ...args }, id),
  }),
)

const CreateOidcIssuerInput = builder.inputType('CreateOidcIssuerInput', {
  fields: (t) => ({
    workspaceId: t.id(),
    issuer: t.string(),
    audience: t.string(),
    jwksUrl: t.string({ required: false }),
    endUserClaim: t.string({ required: false, description: 'Default: sub.' }),
    allowedAlgorithms: t.field({
      type: [SigningAlgorithmRef],
      required: false,
      description: 'Default: RS256, ES256, EdDSA, PS256.',
    }),
    createEndUsers: t.boolean({ required: false, description: 'Default: false.' }),
  }),
})

mutation('createOidcIssuer', {
  description: 'One issuer and audience lead to one workspace of the deployment, so that a token means one of them.',
  input: CreateOidcIssuerInput,
  payload: builder.objectRef<{ oidcIssuer: OidcIssuer }>('CreateOidcIssuerPayload').implement({
    fields: (t) => ({ oidcIssuer: t.expose('oidcIssuer', { type: OidcIssuerRef }) }),
  }),
  resolve: async ({ workspaceId, jwksUrl, ...rest }, context) => ({
    oidcIssuer: await createOidcIssuer(context.services.database, callerOf(context), {
      ...withoutNulls(rest),
      workspaceId: decodeGlobalId('Workspace', workspaceId),
      jwksUrl,
    }),
  }),
})

const UpdateOidcIssuerInput = builder.inputType('UpdateOidcIssuerInput', {
  fields: (t) => ({
    oidcIssuerId: t.id(),
    issuer: t.string({ required: false }),
    audience: t.string({ required: false }),
    jwksUrl: t.string({ required: false, description: 'Null: where the metadata of the issuer says.' }),
    endUserClaim: t.string({ required: false }),
    allowedAlgorithms: t.field({ type: [SigningAlgorithmRef], required: false }),
    createEndUsers: t.boolean({ required: false }),
  }),
})

mutation('updateOidcIssuer', {
  description: 'What is left out stays as it is. Ends the subscriptions that the old settings let in.',
  input: UpdateOidcIssuerInput,
  payload: builder.objectRef<{ oidcIssuer: OidcIssuer }>('UpdateOidcIssuerPayload').implement({
    fields: (t) => ({ oidcIssuer: t.expose('oidcIssuer', { type: OidcIssuerRef }) }),
  }),
  resolve: async ({ oidcIssuerId, jwksUrl, ...rest }, context) => {
    const { database, bus } = context.services
    const id = decodeGlobalId('OidcIssuer', oidcIssuerId)
    const change = { ...withoutNulls(rest), jwksUrl }
    return { oidcIssuer: await updateOidcIssuer(database, bus, callerOf(context), id, change) }
  },
})

const DeleteOidcIssuerInput = builder.inputType('DeleteOidcIssuerInput', { fields: (t) => ({ oidcIssuerId: t.id() }) })

mutation('deleteOidcIssuer', {
  description: 'Ends the subscriptions of its callers. The end users stay.',
  input: DeleteOidcIssuerInput,
  payload: builder.objectRef<{ deletedId: string }>('DeleteOidcIssuerPayload').implement({
    fields: (t) => ({ deletedId: t.exposeID('deletedId') }),
  }),
  resolve: async ({ oidcIssuerId }, context) => {
    const { database, bus } = context.services
    await deleteOidcIssuer(database, bus, callerOf(context), decodeGlobalId('OidcIssuer', oidcIssuerId))
    return { deletedId: oidcIssuerId }
  },
})

type WithoutNulls<T> = { [Key in keyof T]: Exclude<T[Key], null> }

/** A field that cannot be null keeps its value, or its default, when null is sent for it. */
function withoutNulls<T extends object>(fields: T): WithoutNulls<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null)) as WithoutNulls<T>
}
