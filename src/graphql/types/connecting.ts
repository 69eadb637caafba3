import { confirmConnection } from '../../connecting/confirm-connection.ts'
import { type OAuthBegun, startOAuth } from '../../connecting/oauth/begin-oauth.ts'
import { completeOAuth } from '../../connecting/oauth/finish-oauth.ts'
import type { Connection } from '../../db/generated/client.ts'
import { ProviderError, ScopeMismatchError, UnsupportedError } from '../../kit/errors.ts'
import { builder } from '../kernel/builder.ts'
import { callerOf } from '../kernel/context.ts'
import { decodeGlobalId, decodeOptionalId } from '../kernel/global-id.ts'
import { mutation, payloadType } from '../kernel/mutation.ts'
import { ConnectionRef } from './refs.ts'
import {
  AT_MOST_ONE_END_USER,
  COLLECTION_NAME,
  CONNECTION_EXTERNAL_ID,
  CONNECTION_NAME,
  END_USER_ID,
  IN_WORKSPACE,
  INPUT_VALUES,
  INTEGRATION_SLUG,
  NEW_END_USER_EXTERNAL_ID,
  PROVIDER_SLUG,
} from './wording.ts'

const StartOAuthInput = builder.inputType('StartOAuthInput', {
  description: 'What to connect, and for whom. Exactly one of `integration` and `provider` must be given.',
  fields: (t) => ({
    workspaceId: t.id({ description: IN_WORKSPACE }),
    integration: t.string({ required: false, description: INTEGRATION_SLUG }),
    provider: t.string({ required: false, description: PROVIDER_SLUG }),
    redirectUrl: t.string({
      description:
        "Where the browser is sent afterwards: exactly one of the workspace's `redirectUrls`. It gets the query parameters `connection_id` and `handle`, or `error` and `error_description`.",
    }),
    displayName: t.string({
      required: false,
      description: `${CONNECTION_NAME} Default: that of the integration or of the connection.`,
    }),
    externalId: t.string({
      required: false,
      description: `${CONNECTION_EXTERNAL_ID} A connection that has it and was never connected is reused. Default: none.`,
    }),
    endUserId: t.id({ required: false, description: `${END_USER_ID} ${AT_MOST_ONE_END_USER} Default: none.` }),
    endUserExternalId: t.string({ required: false, description: `${NEW_END_USER_EXTERNAL_ID} Default: none.` }),
    collection: t.string({ required: false, description: `${COLLECTION_NAME} Default: none.` }),
    scopes: t.stringList({
      required: false,
      description:
        "OAuth scopes to request, at most 200. Default: those of the integration's OAuth client, or of its definition.",
    }),
    input: t.field({
      type: 'JSON',
      required: false,
      description: `${INPUT_VALUES} Default: those of the connection, or none.`,
    }),
    connectionId: t.id({
      required: false,
      description:
        'Global id of a connection to connect again. It keeps its id, its records and its cursors. Default: a new connection.',
    }),
  }),
})

mutation('startOAuth', {
  scope: 'CONNECT',
  description:
    "Creates a PENDING connection and returns the URL of the provider's consent page for the end user's browser. The connection becomes ACTIVE with `confirmConnection` or `completeOAuth`. UNSUPPORTED if the integration has no consent page, CONFLICT if it has no OAuth client.",
  input: StartOAuthInput,
  names: ({ connectionId, workspaceId }) => connectionId ?? workspaceId,
  payload: payloadType<OAuthBegun>('StartOAuthPayload', (t) => ({
    authorizationUrl: t.exposeString('authorizationUrl', { description: 'URL to send the browser to.' }),
    connection: t.expose('connection', {
      type: ConnectionRef,
      description: 'The new PENDING connection, or the one that is connected again.',
    }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      description: 'Until when the browser must be back: ten minutes after the call.',
    }),
  })),
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

const SIGNED_IN = 'the end user who is signed in at the browser that came back'
const MUST_MATCH = 'Required if connecting was started for an end user; another one is SCOPE_MISMATCH.'
const SIGNED_IN_ID = `Global id of ${SIGNED_IN}. ${MUST_MATCH} ${AT_MOST_ONE_END_USER}`
const SIGNED_IN_EXTERNAL_ID = `External id of ${SIGNED_IN}. ${MUST_MATCH} If the connection belongs to no end user yet, an end user that does not exist is created.`
const CHOSEN_NAME = `${CONNECTION_NAME} Default: the name that was given when connecting started.`

const CompleteOAuthInput = builder.inputType('CompleteOAuthInput', {
  description: 'The query parameters with which the provider sent the browser back to your own callback.',
  fields: (t) => ({
    state: t.field({ type: 'Secret', description: 'Parameter `state`, or `oauth_token` of OAuth 1.0a.' }),
    code: t.field({ type: 'Secret', description: 'Parameter `code`, or `oauth_verifier` of OAuth 1.0a.' }),
    iss: t.string({
      required: false,
      description: 'Parameter `iss` (RFC 9207). Required if the provider announces it. Default: the callback had none.',
    }),
    params: t.field({
      type: 'JSON',
      required: false,
      description:
        'All other parameters of the callback, as a JSON object of strings. With the parameter `error`, the end user declined or the provider refused. Default: none.',
    }),
    endUserId: t.id({ required: false, description: SIGNED_IN_ID }),
    endUserExternalId: t.string({ required: false, description: SIGNED_IN_EXTERNAL_ID }),
    displayName: t.string({ required: false, description: CHOSEN_NAME }),
  }),
})

mutation('completeOAuth', {
  scope: 'CONNECT',
  description:
    'Completes a `startOAuth` whose callback your own server received. The connection becomes ACTIVE: naming the end user confirms it. For API keys only, not for callers that act for an end user (FORBIDDEN).',
  input: CompleteOAuthInput,
  names: () => null,
  payload: payloadType<{ connection: Connection }>('CompleteOAuthPayload', (t) => ({
    connection: t.expose('connection', { type: ConnectionRef, description: 'The connection, now connected.' }),
  })),
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

const ConfirmConnectionInput = builder.inputType('ConfirmConnectionInput', {
  description: 'The handle of a connection, and the end user whose browser came back with it.',
  fields: (t) => ({
    handle: t.field({
      type: 'Secret',
      description: 'The handle that came back with the browser. It can be used once, within ten minutes.',
    }),
    endUserId: t.id({ required: false, description: SIGNED_IN_ID }),
    endUserExternalId: t.string({ required: false, description: SIGNED_IN_EXTERNAL_ID }),
    displayName: t.string({ required: false, description: CHOSEN_NAME }),
  }),
})

mutation('confirmConnection', {
  scope: 'CONNECT',
  description:
    "Confirms a connection that was made in a browser, which becomes ACTIVE. The product's backend calls it, because it knows who is signed in at that browser. NOT_FOUND for an unknown or used handle, CONFLICT for an expired one, FORBIDDEN for callers that act for an end user.",
  input: ConfirmConnectionInput,
  names: () => null,
  payload: payloadType<{ connection: Connection }>('ConfirmConnectionPayload', (t) => ({
    connection: t.expose('connection', { type: ConnectionRef, description: 'The confirmed connection.' }),
  })),
  errors: [ScopeMismatchError],
  resolve: async ({ handle, endUserId, endUserExternalId, displayName }, context) => {
    const connection = await confirmConnection(context.services, callerOf(context), {
      handle,
      endUserId: decodeOptionalId('EndUser', endUserId),
      endUserExternalId: endUserExternalId ?? null,
      displayName: displayName ?? null,
    })
    context.loaders.credential.clear(connection.id)
    return { connection }
  },
})
