import type { IntegrationDefinition } from '../definition/definition.ts'
import type { StreamDefinition } from '../definition/stream.ts'

export const netsuite: IntegrationDefinition = {
  displayName: 'NetSuite',
  docsUrl: 'https://docs.oracle.com/en/cloud/saas/netsuite/ns-online-help/chapter_1540809676.html',
  categories: ['accounting', 'crm'],
  // The host has hyphens and small letters where the account has underscores and capitals.
  baseUrl: "https://{{ input.account_id | lower | replace('_', '-') }}.suitetalk.api.netsuite.com/services/rest",
  inputFields: [
    {
      name: 'account_id',
      label: 'Account ID',
      required: true,
      pattern: '[0-9A-Za-z]+([_-][0-9A-Za-z]+)*',
      example: '1234567_SB1',
    },
  ],
  // Token-based authentication (docs.oracle.com/en/cloud/saas/netsuite/ns-online-help/section_1534941295.html).
  auth: {
    type: 'oauth1',
    signature: 'HMAC-SHA256',
    realm: "{{ input.account_id | upper | replace('-', '_') }}",
  },
  // docs.oracle.com/en/cloud/saas/netsuite/ns-online-help/section_1546941017.html
  responseErrors: [
    {
      status: 401,
      as: 'auth',
      message: ['o:errorDetails', 0, 'detail'],
      code: ['o:errorDetails', 0, 'o:errorCode'],
    },
  ],
  testRequest: { path: '/record/v1/customer?limit=1' },
  streams: [
    rows('customers', 'SELECT * FROM customer ORDER BY id'),
    rows('vendors', 'SELECT * FROM vendor ORDER BY id'),
    rows('items', 'SELECT * FROM item ORDER BY id'),
    rows('invoices', "SELECT * FROM transaction WHERE type = 'CustInvc' ORDER BY id"),
    rows('sales_orders', "SELECT * FROM transaction WHERE type = 'SalesOrd' ORDER BY id"),
  ],
}

/**
 * The rows of a SuiteQL query, of which NetSuite returns at most 100,000
 * (docs.oracle.com/en/cloud/saas/netsuite/ns-online-help/section_157909186990.html). The order has to be unique, because a page may
 * otherwise repeat or miss rows.
 */
function rows(name: string, q: string): StreamDefinition {
  return {
    name,
    method: 'POST',
    path: '/query/v1/suiteql',
    headers: { Prefer: 'transient' },
    json: { q },
    recordsPath: ['items'],
    primaryKey: [['id']],
    pagination: { type: 'offset', param: 'offset', limitParam: 'limit', size: 1000, in: 'query', hasMore: ['hasMore'] },
  }
}
