import { replaceCredential } from '../../connections/replace-credential.ts'
import { updateConnection } from '../../connections/update-connection.ts'
import type { Connection } from '../../db/generated/client.ts'
import { deleteConnection } from '../../deletion/delete-connection.ts'
import { UnsupportedError } from '../../kit/errors.ts'
import { builder } from '../kernel/builder.ts'
import { callerOf } from '../kernel/context.ts'
import { decodeGlobalId } from '../kernel/global-id.ts'
import { mutation } from '../kernel/mutation.ts'
import { CredentialInput } from './credential-input.ts'
import { ConnectionRef } from './refs.ts'

const ScheduleInput = builder.inputType('ScheduleInput', {
  description: 'Exactly one of cron and intervalSeconds, unless a schedule that there is only changes otherwise.',
  fields: (t) => ({
    cron: t.string({
      required: false,
      description: 'Five fields: minute, hour, day of month, month, day of week.',
    }),
    intervalSeconds: t.int({ required: false, description: 'At least 60.' }),
    timezone: t.string({ required: false, description: 'IANA name in which cron is read. Default: UTC.' }),
    paused: t.boolean({ required: false }),
  }),
})

const UpdateConnectionInput = builder.inputType('UpdateConnectionInput', {
  description: 'What is left out stays as it is.',
  fields: (t) => ({
    connectionId: t.id(),
    displayName: t.string({ required: false }),
    metadata: t.field({ type: 'JSON', required: false, description: 'As a whole. Null: none.' }),
    collection: t.string({ required: false, description: 'Created when it is new. Null: out of its collection.' }),
    schedule: t.field({ type: ScheduleInput, required: false, description: 'Null: no schedule.' }),
    disabled: t.boolean({
      required: false,
      description: 'No requests and no sync jobs. Enabled again, the connection is what it was before.',
    }),
  }),
})

mutation('updateConnection', {
  input: UpdateConnectionInput,
  payload: builder.objectRef<{ connection: Connection }>('UpdateConnectionPayload').implement({
    fields: (t) => ({ connection: t.expose('connection', { type: ConnectionRef }) }),
  }),
  resolve: async ({ connectionId, ...change }, context) => ({
    connection: await updateConnection(
      context.services,
      callerOf(context),
      decodeGlobalId('Connection', connectionId),
      change,
    ),
  }),
})

const DeleteConnectionInput = builder.inputType('DeleteConnectionInput', { fields: (t) => ({ connectionId: t.id() }) })

mutation('deleteConnection', {
  description: 'With its credential, its records and its sync jobs. Its events stay until they are too old.',
  input: DeleteConnectionInput,
  payload: builder.objectRef<{ deletedId: string }>('DeleteConnectionPayload').implement({
    fields: (t) => ({ deletedId: t.exposeID('deletedId') }),
  }),
  resolve: async ({ connectionId }, context) => {
    await deleteConnection(context.services, callerOf(context), decodeGlobalId('Connection', connectionId))
    return { deletedId: connectionId }
  },
})

const ReplaceCredentialInput = builder.inputType('ReplaceCredentialInput', {
  fields: (t) => ({
    connectionId: t.id(),
    credential: t.field({ type: CredentialInput }),
    input: t.field({ type: 'JSON', required: false, description: 'As a whole. Left out: stays as it is.' }),
  }),
})

mutation('replaceCredential', {
  description: 'Wins over a renewal that is under way, and heals a connection that has to be connected again.',
  input: ReplaceCredentialInput,
  payload: builder.objectRef<{ connection: Connection }>('ReplaceCredentialPayload').implement({
    fields: (t) => ({ connection: t.expose('connection', { type: ConnectionRef }) }),
  }),
  errors: [UnsupportedError],
  resolve: async ({ connectionId, credential, input }, context) => ({
    connection: await replaceCredential(context.services, callerOf(context), {
      connectionId: decodeGlobalId('Connection', connectionId),
      credential,
      input,
    }),
  }),
})
