import type { WebhookDelivery, WebhookEndpoint } from '../../db/generated/client.ts'
import { skippedEvent } from '../../events/event-feed.ts'
import { eventKey } from '../../events/event-log.ts'
import type { EventType } from '../../events/event-types.ts'
import type { WebhookAttempt } from '../../webhooks/out/attempt.ts'
import { redeliverWebhook } from '../../webhooks/out/deliveries.ts'
import {
  createWebhookEndpoint,
  deleteWebhookEndpoint,
  rotateWebhookSecret,
  testWebhookEndpoint,
  updateWebhookEndpoint,
} from '../../webhooks/out/endpoints.ts'
import { builder } from '../kernel/builder.ts'
import { callerOf } from '../kernel/context.ts'
import { decodeGlobalId, decodeOptionalId, encodeGlobalId } from '../kernel/global-id.ts'
import { mutation, payloadType } from '../kernel/mutation.ts'
import { pageArgs, pageType } from '../kernel/page-type.ts'
import { statusConditions } from '../kernel/status-filter.ts'
import { EventRef, EventTypeRef } from './event.ts'
import { WebhookDeliveryRef, WebhookEndpointRef, WorkspaceRef } from './refs.ts'
import { DELETED_ID, IN_WORKSPACE, NODE_ID, WORKSPACE_OF } from './wording.ts'

const URL =
  'Where events are sent by POST. An https URL; http only to hosts that the operator allows with LATCHKEY_EGRESS_ALLOW. Addresses outside of the public internet are refused unless the operator allows them.'
const DESCRIPTION = 'Description for people, at most 500 characters.'
const TYPES = 'Types of the events that are sent. Empty: all except SYNC_PROGRESSED.'
const HEADERS =
  'Headers that are sent with every delivery, as a JSON object of texts by name, at most 20. Treated as secret: only their names are shown. `webhook-*` and headers of the connection cannot be set.'
const SIGNING_SECRET = 'Signing secret, `whsec_` and base64, as Standard Webhooks defines. It is not shown again.'
const ENDPOINT_ID = 'Global id of the webhook endpoint.'

const WebhookAttemptRef = builder.objectRef<WebhookAttempt>('WebhookAttempt').implement({
  description: 'One attempt to deliver an event.',
  fields: (t) => ({
    at: t.field({ type: 'DateTime', description: 'When it began.', resolve: ({ at }) => new Date(at) }),
    status: t.exposeInt('status', {
      nullable: true,
      description: 'HTTP status of the response. Null if there was none.',
    }),
    error: t.exposeString('error', { nullable: true, description: 'Why it failed, for people. Null if it succeeded.' }),
    durationMs: t.exposeInt('durationMs', { description: 'How long it took, in milliseconds.' }),
    answer: t.exposeString('answer', {
      nullable: true,
      description:
        'The first 1,024 characters of the body of the response, without the secrets of the endpoint. Null if it had none.',
    }),
  }),
})

const WebhookDeliveryStatusRef = builder.enumType('WebhookDeliveryStatus', {
  description: 'State of a delivery.',
  values: {
    PENDING: { description: 'It has not succeeded yet. `nextAttemptAt` says when the next attempt is due.' },
    DELIVERED: { description: 'The endpoint answered with a status from 200 to 299.' },
    FAILED: { description: 'All attempts failed. `redeliverWebhook` starts again.' },
  },
})

builder.prismaObjectFields(WebhookDeliveryRef, (t) => ({
  id: t.id({ description: NODE_ID, resolve: ({ id }) => encodeGlobalId('WebhookDelivery', id) }),
  event: t.field({
    type: EventRef,
    description: 'The event that is delivered. An EventsSkipped if it is no longer stored.',
    resolve: async (delivery, _args, context) =>
      (await context.loaders.event.load(eventKey(delivery))) ??
      skippedEvent({ workspaceId: delivery.workspaceId, filter: {} }, delivery.position),
  }),
  status: t.expose('status', { type: WebhookDeliveryStatusRef, description: 'State of the delivery.' }),
  attempts: t.field({
    type: [WebhookAttemptRef],
    description: 'The attempts so far, oldest first; of more than 30, the last 30.',
    extensions: { usualLength: 1 },
    // Only the delivery worker writes them.
    resolve: ({ attempts }) => attempts as unknown as WebhookAttempt[],
  }),
  nextAttemptAt: t.expose('nextAttemptAt', {
    type: 'DateTime',
    nullable: true,
    description: 'When the next attempt is due. Null if there is none.',
  }),
  createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the delivery was created.' }),
}))

const DeliveriesPage = pageType('WebhookEndpointDeliveriesPage', 'deliveries of a webhook endpoint', WebhookDeliveryRef)

builder.prismaObjectFields(WebhookEndpointRef, (t) => ({
  id: t.id({ description: NODE_ID, resolve: ({ id }) => encodeGlobalId('WebhookEndpoint', id) }),
  url: t.exposeString('url', { description: URL }),
  description: t.exposeString('description', { nullable: true, description: `${DESCRIPTION} Null: not set.` }),
  types: t.field({ type: [EventTypeRef], description: TYPES, resolve: ({ types }) => types as EventType[] }),
  enabled: t.exposeBoolean('enabled', {
    description: 'False: nothing is sent. The events stay in the log, and are sent when the endpoint is enabled again.',
  }),
  disabledReason: t.exposeString('disabledReason', {
    nullable: true,
    description: 'Why Latchkey disabled the endpoint, for people. Null if it did not.',
  }),
  headerNames: t.exposeStringList('headerNames', {
    description: 'Names of the headers that are sent with every delivery.',
  }),
  createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the endpoint was created.' }),
  workspace: t.field({
    type: WorkspaceRef,
    description: WORKSPACE_OF,
    resolve: ({ workspaceId }, _args, context) => context.loaders.workspace.load(workspaceId),
  }),
  deliveries: t.field({
    type: DeliveriesPage,
    description: 'Deliveries to the endpoint, newest first. They are kept for 30 days, or as long as their events.',
    args: {
      ...pageArgs(t.arg),
      status: t.arg({
        type: [WebhookDeliveryStatusRef],
        required: false,
        description: 'Return deliveries in these states. Default: all.',
      }),
    },
    resolve: ({ id }, { status, ...args }, context) =>
      context.loaders.lists.page<WebhookDelivery>(
        {
          table: 'webhook_delivery',
          parentColumn: 'endpoint_id',
          newestFirst: true,
          oneOf: statusConditions(status),
          ...args,
        },
        id,
      ),
  }),
}))

const EndpointsPage = pageType('WorkspaceWebhookEndpointsPage', 'webhook endpoints of a workspace', WebhookEndpointRef)

builder.prismaObjectField(WorkspaceRef, 'webhookEndpoints', (t) =>
  t.field({
    type: EndpointsPage,
    description:
      'Webhook endpoints of the workspace, oldest first. Empty for callers other than ADMIN keys and operators.',
    args: pageArgs(t.arg),
    resolve: ({ id }, args, context) =>
      context.loaders.lists.page<WebhookEndpoint>(
        { table: 'webhook_endpoint', parentColumn: 'workspace_id', ...args },
        id,
      ),
  }),
)

const CreateWebhookEndpointInput = builder.inputType('CreateWebhookEndpointInput', {
  description: 'A new webhook endpoint.',
  fields: (t) => ({
    workspaceId: t.id({ description: IN_WORKSPACE }),
    url: t.string({ description: URL }),
    description: t.string({ required: false, description: DESCRIPTION }),
    types: t.field({ type: [EventTypeRef], required: false, description: `${TYPES} Default: empty.` }),
    headers: t.field({ type: 'JSON', required: false, description: `${HEADERS} Default: none.` }),
  }),
})

interface WithSecret {
  webhookEndpoint: WebhookEndpoint
  secret: string
}

mutation('createWebhookEndpoint', {
  scope: 'ADMIN',
  wholeWorkspace: true,
  description:
    'Creates a webhook endpoint, which gets the events that happen from now on, at least once, signed by Standard Webhooks 1.0.0. A workspace has at most 1,000 (CONFLICT).',
  input: CreateWebhookEndpointInput,
  names: ({ workspaceId }) => workspaceId,
  payload: payloadType<WithSecret>('CreateWebhookEndpointPayload', (t) => ({
    webhookEndpoint: t.expose('webhookEndpoint', { type: WebhookEndpointRef, description: 'The new endpoint.' }),
    secret: t.exposeString('secret', { description: SIGNING_SECRET }),
  })),
  resolve: ({ workspaceId, ...input }, context) =>
    createWebhookEndpoint(context.services, callerOf(context), {
      workspaceId: decodeGlobalId('Workspace', workspaceId),
      ...input,
    }),
})

const UpdateWebhookEndpointInput = builder.inputType('UpdateWebhookEndpointInput', {
  description: 'Changes to a webhook endpoint. Fields that are left out or null keep their value.',
  fields: (t) => ({
    webhookEndpointId: t.id({ description: ENDPOINT_ID }),
    url: t.string({
      required: false,
      description: `${URL} A URL of another origin needs \`headers\` again, if the endpoint has some.`,
    }),
    description: t.string({ required: false, description: DESCRIPTION }),
    types: t.field({ type: [EventTypeRef], required: false, description: TYPES }),
    headers: t.field({ type: 'JSON', required: false, description: `Replaces all headers. ${HEADERS}` }),
    enabled: t.boolean({
      required: false,
      description: 'True: continues with what is pending and with the events since then. False: sends nothing.',
    }),
  }),
})

mutation('updateWebhookEndpoint', {
  scope: 'ADMIN',
  wholeWorkspace: true,
  description: 'Changes a webhook endpoint, or enables it again. Pending deliveries go to the new URL.',
  input: UpdateWebhookEndpointInput,
  names: ({ webhookEndpointId }) => webhookEndpointId,
  payload: payloadType<{ webhookEndpoint: WebhookEndpoint }>('UpdateWebhookEndpointPayload', (t) => ({
    webhookEndpoint: t.expose('webhookEndpoint', { type: WebhookEndpointRef, description: 'The changed endpoint.' }),
  })),
  resolve: async ({ webhookEndpointId, ...change }, context) => {
    const id = decodeGlobalId('WebhookEndpoint', webhookEndpointId)
    return { webhookEndpoint: await updateWebhookEndpoint(context.services, callerOf(context), id, change) }
  },
})

const DeleteWebhookEndpointInput = builder.inputType('DeleteWebhookEndpointInput', {
  description: 'The webhook endpoint to delete.',
  fields: (t) => ({ webhookEndpointId: t.id({ description: ENDPOINT_ID }) }),
})

mutation('deleteWebhookEndpoint', {
  scope: 'ADMIN',
  wholeWorkspace: true,
  description: 'Deletes a webhook endpoint with its deliveries. Nothing more is sent to it.',
  input: DeleteWebhookEndpointInput,
  names: ({ webhookEndpointId }) => webhookEndpointId,
  payload: payloadType<{ deletedId: string }>('DeleteWebhookEndpointPayload', (t) => ({
    deletedId: t.exposeID('deletedId', { description: DELETED_ID }),
  })),
  resolve: async ({ webhookEndpointId }, context) => {
    const id = decodeGlobalId('WebhookEndpoint', webhookEndpointId)
    await deleteWebhookEndpoint(context.services, callerOf(context), id)
    return { deletedId: webhookEndpointId }
  },
})

const RotateWebhookSecretInput = builder.inputType('RotateWebhookSecretInput', {
  description: 'The webhook endpoint whose signing secret is replaced.',
  fields: (t) => ({ webhookEndpointId: t.id({ description: ENDPOINT_ID }) }),
})

mutation('rotateWebhookSecret', {
  scope: 'ADMIN',
  wholeWorkspace: true,
  description: 'Replaces the signing secret of a webhook endpoint. For 24 hours deliveries are signed by both secrets.',
  input: RotateWebhookSecretInput,
  names: ({ webhookEndpointId }) => webhookEndpointId,
  payload: payloadType<WithSecret>('RotateWebhookSecretPayload', (t) => ({
    webhookEndpoint: t.expose('webhookEndpoint', { type: WebhookEndpointRef, description: 'The endpoint.' }),
    secret: t.exposeString('secret', { description: SIGNING_SECRET }),
  })),
  resolve: ({ webhookEndpointId }, context) => {
    const id = decodeGlobalId('WebhookEndpoint', webhookEndpointId)
    return rotateWebhookSecret(context.services, callerOf(context), id)
  },
})

const TestWebhookEndpointInput = builder.inputType('TestWebhookEndpointInput', {
  description: 'The webhook endpoint to test.',
  fields: (t) => ({ webhookEndpointId: t.id({ description: ENDPOINT_ID }) }),
})

mutation('testWebhookEndpoint', {
  scope: 'ADMIN',
  wholeWorkspace: true,
  description:
    'Sends a signed `{ "type": "webhook.test" }` to the endpoint now, and waits for the answer, up to 30 seconds. It is not among the deliveries, and its failure does not count.',
  input: TestWebhookEndpointInput,
  names: ({ webhookEndpointId }) => webhookEndpointId,
  payload: payloadType<{ attempt: WebhookAttempt }>('TestWebhookEndpointPayload', (t) => ({
    attempt: t.expose('attempt', { type: WebhookAttemptRef, description: 'What came back.' }),
  })),
  resolve: async ({ webhookEndpointId }, context) => {
    const id = decodeGlobalId('WebhookEndpoint', webhookEndpointId)
    return { attempt: await testWebhookEndpoint(context.services, callerOf(context), id) }
  },
})

const RedeliverWebhookInput = builder.inputType('RedeliverWebhookInput', {
  description: 'What to deliver again: either one delivery, or every event after a cursor.',
  fields: (t) => ({
    deliveryId: t.id({ required: false, description: 'Global id of a delivery.' }),
    webhookEndpointId: t.id({ required: false, description: `${ENDPOINT_ID} With \`after\`.` }),
    after: t.field({
      type: 'Cursor',
      required: false,
      description:
        'Cursor of an event: every event behind it that the endpoint has got or was to get is delivered again. At most 10,000; more are INVALID_INPUT, and none is delivered.',
    }),
  }),
})

mutation('redeliverWebhook', {
  scope: 'ADMIN',
  wholeWorkspace: true,
  description:
    'Delivers again, with a new series of attempts. The receiver gets the same `webhook-id`. A disabled endpoint is CONFLICT.',
  input: RedeliverWebhookInput,
  names: ({ deliveryId, webhookEndpointId }) => deliveryId ?? webhookEndpointId,
  payload: payloadType<{ deliveries: number }>('RedeliverWebhookPayload', (t) => ({
    deliveries: t.exposeInt('deliveries', { description: 'Number of deliveries that start again.' }),
  })),
  resolve: async ({ deliveryId, webhookEndpointId, after }, context) => ({
    deliveries: await redeliverWebhook(context.services, callerOf(context), {
      deliveryId: decodeOptionalId('WebhookDelivery', deliveryId),
      endpointId: decodeOptionalId('WebhookEndpoint', webhookEndpointId),
      after: after ?? null,
    }),
  }),
})
