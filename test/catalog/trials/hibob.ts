import type { ActionExample, ProviderTrial } from '../providers/trial.ts'
import { hmac } from '../providers/webhook-trial.ts'

const WANTED = ['root.id', 'root.email', 'root.displayName', 'work.title', 'work.department', 'work.startDate']

const actions: ActionExample[] = [
  {
    action: 'search_employees',
    readsWithPost: true,
    arguments: { fields: WANTED, include_inactive: true },
    request: 'POST https://api.hibob.com/v1/people/search',
    body: { fields: WANTED, showInactive: true },
    answer: { body: { employees: [{ id: '3332883884017713938', '/work/title': { value: 'Engineer' } }] } },
    output: [{ id: '3332883884017713938', '/work/title': { value: 'Engineer' } }],
  },
  {
    action: 'get_employee',
    readsWithPost: true,
    arguments: { identifier: 'ada@example.com', fields: WANTED },
    request: 'POST https://api.hibob.com/v1/people/ada%40example.com',
    body: { fields: WANTED },
    answer: { body: { id: '3332883884017713938' } },
    output: { id: '3332883884017713938' },
  },
  {
    action: 'create_employee',
    arguments: {
      first_name: 'Ada',
      surname: 'Lovelace',
      email: 'ada@example.com',
      site: 'London',
      start_date: '2026-09-01',
    },
    request: 'POST https://api.hibob.com/v1/people',
    body: {
      firstName: 'Ada',
      surname: 'Lovelace',
      email: 'ada@example.com',
      work: { site: 'London', startDate: '2026-09-01' },
    },
    answer: { body: { id: '3332883884017713938' } },
    output: { id: '3332883884017713938' },
  },
]

export const trial: ProviderTrial = {
  input: { environment: 'production' },
  credential: { fields: { service_user_id: 'SERVICE-1234', token: 'b0b-t0ken' } },
  test: {
    asks: 'GET api.hibob.com/v1/company/people/fields',
    headers: { authorization: `Basic ${btoa('SERVICE-1234:b0b-t0ken')}` },
    good: { body: [{ id: 'root.id', category: 'root', name: 'Employee ID', type: 'number' }] },
    refused: { answer: { status: 401, body: 'Unauthorized' }, says: 'Unauthorized' },
  },
  streams: [
    {
      name: 'employees',
      pages: [
        {
          body: {
            employees: [
              { id: '3332883884017713938', '/root/id': { value: '3332883884017713938' }, displayName: 'Ada Lovelace' },
              { id: '3332883894235038085', '/root/id': { value: '3332883894235038085' }, displayName: 'Grace Hopper' },
            ],
          },
        },
      ],
      keys: ['3332883884017713938', '3332883894235038085'],
      asksFor: 'root.id',
      limited: { status: 429, headers: { 'retry-after': '20' }, body: '' },
    },
    {
      name: 'work_history',
      parent: { id: '3332883884017713938' },
      pages: [{ body: { values: [{ id: 4821, title: 'Engineer', effectiveDate: '2026-01-01' }] } }],
      keys: ['parent/4821'],
      asksFor: '/people/3332883884017713938/work',
    },
    {
      name: 'employee_fields',
      pages: [{ body: [{ id: 'root.id', category: 'root', name: 'Employee ID', type: 'number' }] }],
      keys: ['root.id'],
      asksFor: '/company/people/fields',
    },
  ],
  // apidocs.hibob.com/docs/working-with-webhooks
  webhook: {
    sign: ({ secret, body }) => ({ 'Bob-Signature': hmac('sha512', secret, body, 'base64') }),
    handshakes: [
      { body: 'Ping test', answer: 'ok' },
      { body: { text: 'Ping test' }, answer: 'ok' },
    ],
    connection: { externalId: 'crm-1' },
    requests: [
      {
        query: 'external_id=crm-1',
        body: {
          companyId: 636192,
          type: 'employee.updated',
          triggeredBy: '3332883884017713938',
          triggeredAt: '2026-07-01T10:00:00.000000',
          version: 'v2',
          data: { employeeId: '3332883884017713938' },
        },
        events: [{ type: 'employee.updated', account: 'crm-1', streams: ['employees'] }],
      },
    ],
  },
  actions,
}
