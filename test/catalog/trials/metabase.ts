import type { ProviderTrial } from '../providers/trial.ts'

export const trial: ProviderTrial = {
  credential: { fields: { username: 'ada@example.com', password: 'p4ssw0rd' } },
  renewal: {
    answer: { body: { id: '38f4939c-ad7f-4cbe-ae54-30946daf8593' } },
    accessToken: '38f4939c-ad7f-4cbe-ae54-30946daf8593',
    lifetimeSeconds: 14 * 24 * 3600,
  },
  refusals: [
    {
      what: 'renewal',
      answer: { status: 401, body: { errors: { password: 'did not match stored password' } } },
      reason: 'INVALID_GRANT',
    },
    {
      what: 'renewal',
      answer: { status: 401, body: { errors: { _error: 'Your account is disabled.' } } },
      reason: 'INVALID_GRANT',
      says: 'Your account is disabled.',
    },
    {
      // The password may be right.
      what: 'renewal',
      answer: {
        status: 401,
        body: { errors: { username: 'Too many attempts! You must wait 15 seconds before trying again.' } },
      },
      reason: 'PROVIDER_UNAVAILABLE',
      retryable: true,
      says: 'Too many attempts!',
    },
  ],
  hints: [
    {
      what: 'renewal',
      answer: {
        status: 401,
        body: { errors: { username: 'Too many attempts! You must wait 15 seconds before trying again.' } },
      },
      says: 'Too many attempts! You must wait 15 seconds before trying again.',
      cause: 'several have failed',
    },
    {
      what: 'renewal',
      answer: { status: 401, body: { errors: { password: 'did not match stored password' } } },
      cause: 'password is wrong',
    },
    {
      what: 'request',
      answer: {
        status: 403,
        headers: { 'content-type': 'text/plain' },
        body: "You don't have permissions to do that.",
      },
      says: "You don't have permissions to do that.",
      cause: 'may not read this',
    },
  ],
  test: {
    asks: 'GET metabase.example.com/api/user/current',
    headers: { 'x-metabase-session': '38f4939c-ad7f-4cbe-ae54-30946daf8593' },
    good: { body: { id: 1, email: 'ada@example.com', is_superuser: true } },
    refused: {
      answer: { status: 401, headers: { 'content-type': 'text/plain' }, body: 'Unauthenticated' },
      says: 'Unauthenticated',
    },
  },
  streams: [
    {
      // A full page has 50 people.
      name: 'users',
      pages: [
        {
          body: {
            data: Array.from({ length: 50 }, (_, index) => ({ id: index + 1 })),
            total: 51,
            limit: 50,
            offset: 0,
          },
        },
        { body: { data: [{ id: 51 }], total: 51, limit: 50, offset: 50 } },
      ],
      keys: Array.from({ length: 51 }, (_, index) => String(index + 1)),
      asksFor: 'offset=50',
    },
  ],
}
