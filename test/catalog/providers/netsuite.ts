import type { ProviderTrial } from './trial.ts'

// docs.oracle.com/en/cloud/saas/netsuite/ns-online-help/section_156414087576.html (paging)
const page = (ids: string[], hasMore: boolean, offset: number) => ({
  body: {
    links: [],
    count: ids.length,
    hasMore,
    items: ids.map((id) => ({ links: [], id, entityid: `Customer ${id}` })),
    offset,
    totalResults: 2,
  },
})

const invalidLogin = {
  status: 401,
  body: {
    type: 'https://www.rfc-editor.org/rfc/rfc9110.html#section-15.5.2',
    title: 'Unauthorized',
    status: 401,
    'o:errorDetails': [{ detail: 'Invalid login attempt.', 'o:errorCode': 'INVALID_LOGIN' }],
  },
}

export const trial: ProviderTrial = {
  credential: { fields: { consumer_key: 'ck', consumer_secret: 'cs', token: 't0ken', token_secret: 'ts' } },
  hints: [
    {
      what: 'request',
      answer: invalidLogin,
      says: 'INVALID_LOGIN: Invalid login attempt.',
      cause: 'does not accept the token',
    },
  ],
  test: {
    asks: 'GET 1234567-sb1.suitetalk.api.netsuite.com/services/rest/record/v1/customer?limit=1',
    headers: {},
    good: page(['107'], false, 0),
    refused: { answer: invalidLogin, says: 'INVALID_LOGIN: Invalid login attempt.' },
  },
  streams: [
    {
      name: 'customers',
      pages: [page(['107'], true, 0), page(['41'], false, 1000)],
      keys: ['107', '41'],
      asksFor: 'offset=1',
      limited: { status: 429, headers: { 'retry-after': '5' }, body: { title: 'Too Many Requests', status: 429 } },
    },
    {
      name: 'invoices',
      pages: [page(['9'], false, 0)],
      keys: ['9'],
      asksFor: "type = 'CustInvc'",
    },
  ],
}
