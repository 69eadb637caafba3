import type { ProviderTrial } from '../providers/trial.ts'

export const trial: ProviderTrial = {
  credential: { fields: { api_key: 'the-api-key', application_key: 'the-application-key' } },
  test: {
    asks: 'GET api.datadoghq.com/api/v1/monitor?page=0&page_size=1',
    headers: { 'dd-api-key': 'the-api-key', 'dd-application-key': 'the-application-key' },
    good: { body: [{ id: 666486743, name: 'Example monitor', overall_state: 'OK' }] },
    refused: { answer: { status: 403, body: { errors: ['Forbidden'] } }, says: 'Forbidden' },
  },
  hints: [
    {
      what: 'request',
      answer: { status: 403, body: { errors: ['Forbidden'] } },
      says: 'Forbidden',
      cause: 'belongs to another site',
    },
  ],
  streams: [
    {
      name: 'monitors',
      pages: [
        { body: [{ id: 666486743, name: 'Example monitor', type: 'metric alert' }] },
        { body: [{ id: 666486744, name: 'Another monitor', type: 'log alert' }] },
        { body: [] },
      ],
      keys: ['666486743', '666486744'],
      asksFor: 'page=2',
      limited: {
        status: 429,
        headers: { 'x-ratelimit-limit': '100', 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '20' },
        body: { errors: ['Too many requests'] },
      },
    },
    {
      name: 'dashboards',
      pages: [
        { body: { dashboards: [{ id: '123-abc-456', title: 'Host overview' }] } },
        { body: { dashboards: [{ id: '123-abc-457', title: 'Web' }] } },
        { body: { dashboards: [] } },
      ],
      keys: ['123-abc-456', '123-abc-457'],
      asksFor: 'start=2',
    },
    {
      name: 'users',
      pages: [
        {
          body: {
            data: [{ id: '00000000-0000-9999-0000-000000000001', type: 'users' }],
            meta: { page: { total_count: 2, total_filtered_count: 2 } },
          },
        },
        {
          body: {
            data: [{ id: '00000000-0000-9999-0000-000000000002', type: 'users' }],
            meta: { page: { total_count: 2, total_filtered_count: 2 } },
          },
        },
      ],
      keys: ['00000000-0000-9999-0000-000000000001', '00000000-0000-9999-0000-000000000002'],
      asksFor: 'page[number]=1',
    },
  ],
  actions: [
    {
      action: 'list_monitors',
      arguments: { name: 'Example', tags: 'host:host0', monitor_tags: 'service:my-app', limit: 10, page: 1 },
      request:
        'GET https://api.datadoghq.com/api/v1/monitor?name=Example&tags=host%3Ahost0&monitor_tags=service%3Amy-app&page_size=10&page=1',
      answer: { body: [{ id: 666486743, name: 'Example monitor' }] },
      output: [{ id: 666486743, name: 'Example monitor' }],
    },
    {
      action: 'create_event',
      arguments: { title: 'Deployed', text: 'Version 1.2.0 is live.', tags: ['env:prod'], alert_type: 'info' },
      request: 'POST https://api.datadoghq.com/api/v1/events',
      body: { title: 'Deployed', text: 'Version 1.2.0 is live.', tags: ['env:prod'], alert_type: 'info' },
      answer: { status: 202, body: { event: { id: 1, title: 'Deployed' }, status: 'ok' } },
      output: { id: 1, title: 'Deployed' },
    },
  ],
}
