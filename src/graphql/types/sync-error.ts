import type { ErrorCode } from '../../kit/errors.ts'
import { builder } from '../kernel/builder.ts'
import { ErrorCodeRef } from './errors.ts'

/** Why a sync job failed, as it is stored with the job and told by its event. */
export interface SyncErrorShape {
  code: ErrorCode
  message: string
  status: number
  providerStatus?: number | null
  providerMessage?: string | null
  stream?: string | null
}

export const SyncErrorRef = builder.objectRef<SyncErrorShape>('SyncError').implement({
  fields: (t) => ({
    code: t.expose('code', { type: ErrorCodeRef }),
    message: t.exposeString('message'),
    status: t.exposeInt('status'),
    providerStatus: t.int({ nullable: true, resolve: ({ providerStatus }) => providerStatus ?? null }),
    providerMessage: t.string({ nullable: true, resolve: ({ providerMessage }) => providerMessage ?? null }),
    stream: t.string({ nullable: true, resolve: ({ stream }) => stream ?? null }),
  }),
})
