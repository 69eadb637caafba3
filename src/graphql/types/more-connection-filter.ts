import { builder } from '../kernel/builder.ts'

export const ConnectionStatusRef = builder.enumType('ConnectionStatus', {
  description:
    'PENDING: not connected or not confirmed yet; unusable. NEEDS_REAUTH: only a person can mend it. ERROR: we keep trying.',
  values: ['PENDING', 'ACTIVE', 'NEEDS_REAUTH', 'ERROR', 'DISABLED'] as const,
})

export const ConnectionFilterInput = builder.inputType('ConnectionFilter', {
  description: 'Everything that is given must match.',
  fields: (t) => ({
    status: t.field({ type: [ConnectionStatusRef], required: false }),
    integration: t.string({ required: false, description: 'Slug.' }),
    endUserId: t.id({ required: false }),
    endUserExternalId: t.string({ required: false }),
    externalId: t.string({ required: false }),
    collection: t.string({ required: false, description: 'Name.' }),
  }),
})

export type ConnectionFilter = typeof ConnectionFilterInput.$inferInput
