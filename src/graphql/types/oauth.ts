import { type OAuthBegun, startOAuth } from '../../connecting/oauth/begin-oauth.ts'
import { completeOAuth } from '../../connecting/oauth/finish-oauth.ts'
import type { Connection } from '../../db/generated/client.ts'
import { ProviderError, ScopeMismatchError, UnsupportedError } from '../../kit/errors.ts'
import { builder } from '../kernel/builder.ts'
import { callerOf } from '../kernel/context.ts'
import { decodeGlobalId, decodeOptionalId } from '../kernel/global-id.ts'
import { mutation } from '../kernel/mutation.ts'
import { ConnectionRef } from './refs.ts'

const StartOAuthInput = builder.inputType('StartOAuthInput', {
  description: 'Exactly one of integration (a slug of the workspace) and provider (a slug of the catalogue).',
  fields: (t) => ({
    workspaceId: t.id(),
    integration: t.string({ required: false }),
    provider: t.string({
      required: false,
      description: 'Switched on with its defaults when it is not yet.',
    }),
    redirectUrl: t.string({
      description:
        'One of the redirectUrls of the workspace, to the character. Gets connection_id and handle, or error and error_description.',
    }),
    displayName: t.string({ required: false }),
    externalId: t.string({
      required: false,
      description:
        "The caller's own stable id of the connection. One that was begun with it and never connected is gone on with.",
    }),
    endUserId: t.id({ required: false, description: 'At most one of endUserId and endUserExternalId.' }),
    endUserExternalId: t.string({ required: false, description: 'Creates the end user when it is new.' }),
    collection: t.string({ required: false, description: 'Created when it is new.' }),
    scopes: t.stringList({ required: false, description: "Instead of the integration's." }),
    input: t.field({
      type: 'JSON',
      required: false,
      description: 'What the URLs of the provider need besides (subdomain, tenant), by inputFields.',
    }),
    connectionId: t.id({
      required: false,
      description: 'Connects this one again: it keeps its id, its records and its cursors.',
    }),
  }),
})

mutation('startOAuth', {
  description:
    "Where to send the end user's browser. The connection is PENDING until confirmConnection, or completeOAuth, names who came back.",
  input: StartOAuthInput,
  payload: builder.objectRef<OAuthBegun>('StartOAuthPayload').implement({
    fields: (t) => ({
      authorizationUrl: t.exposeString('authorizationUrl'),
      connection: t.expose('connection', { type: ConnectionRef }),
      expiresAt: t.expose('expiresAt', {
        type: 'DateTime',
        description: "Until when the provider's answer is taken.",
      }),
    }),
  }),
  errors: [UnsupportedError, ProviderError],
  resolve: ({ workspaceId, endUserId, connectionId, ...input }, context) =>
    startOAuth(context.services, callerOf(context), {
      workspaceId: decodeGlobalId('Workspace', workspaceId),
      integration: input.integration ?? null,
      provider: input.provider ?? null,
      redirectUrl: input.redirectUrl,
      displayName: input.displayName ?? null,
      externalId: input.externalId ?? null,
      endUserId: decodeOptionalId('EndUser', endUserId),
      endUserExternalId: input.endUserExternalId ?? null,
      collection: input.collection ?? null,
      scopes: input.scopes ?? null,
      input: input.input,
      connectionId: decodeOptionalId('Connection', connectionId),
    }),
})

const CompleteOAuthInput = builder.inputType('CompleteOAuthInput', {
  description: 'The parameters that the provider sent the browser back with.',
  fields: (t) => ({
    state: t.field({ type: 'Secret' }),
    code: t.field({ type: 'Secret' }),
    iss: t.string({ required: false }),
    params: t.field({
      type: 'JSON',
      required: false,
      description: 'All others that the callback came with, as texts by name. With error, it was refused.',
    }),
    endUserId: t.id({
      required: false,
      description: 'At most one of endUserId and endUserExternalId: who is signed in at the browser that came back.',
    }),
    endUserExternalId: t.string({ required: false }),
    displayName: t.string({ required: false }),
  }),
})

mutation('completeOAuth', {
  description: 'For callers who host the callback themselves: naming the end user is the confirmation.',
  input: CompleteOAuthInput,
  payload: builder.objectRef<{ connection: Connection }>('CompleteOAuthPayload').implement({
    fields: (t) => ({ connection: t.expose('connection', { type: ConnectionRef }) }),
  }),
  errors: [ProviderError, UnsupportedError, ScopeMismatchError],
  resolve: async ({ endUserId, ...input }, context) => {
    const connection = await completeOAuth(context.services, callerOf(context), {
      state: input.state,
      code: input.code,
      iss: input.iss ?? null,
      params: input.params,
      endUserId: decodeOptionalId('EndUser', endUserId),
      endUserExternalId: input.endUserExternalId ?? null,
      displayName: input.displayName ?? null,
    })
    context.loaders.credential.clear(connection.id)
    return { connection }
  },
})
