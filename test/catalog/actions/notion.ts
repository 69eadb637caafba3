import type { ActionExample } from './example.ts'

export const examples: ActionExample[] = [
  {
    action: 'create_page',
    arguments: { parent_page_id: '494c87d0-72c4-4cf6-960f-55f8427f7692', title: 'A note', content: 'You made it!' },
    request: 'POST https://api.notion.com/v1/pages',
    headers: { 'notion-version': '2025-09-03' },
    body: {
      parent: { type: 'page_id', page_id: '494c87d0-72c4-4cf6-960f-55f8427f7692' },
      properties: { title: { title: [{ type: 'text', text: { content: 'A note' } }] } },
      children: [paragraph('You made it!')],
    },
    answer: { body: { object: 'page', id: '251d2b5f-268c-4de2-afe9-c71ff92ca95c' } },
    output: { object: 'page', id: '251d2b5f-268c-4de2-afe9-c71ff92ca95c' },
  },
  {
    action: 'create_database_page',
    arguments: {
      data_source_id: 'c174b72c-d782-432f-8dc0-b647e1c96df6',
      properties: { Name: { title: [{ text: { content: 'Tuscan kale' } }] }, Done: { checkbox: false } },
      content: 'A dark green leafy vegetable',
    },
    request: 'POST https://api.notion.com/v1/pages',
    body: {
      parent: { type: 'data_source_id', data_source_id: 'c174b72c-d782-432f-8dc0-b647e1c96df6' },
      properties: { Name: { title: [{ text: { content: 'Tuscan kale' } }] }, Done: { checkbox: false } },
      children: [paragraph('A dark green leafy vegetable')],
    },
    answer: { body: { object: 'page', id: '59833787-2cf9-4fdf-8782-e53db20768a5' } },
    output: { object: 'page', id: '59833787-2cf9-4fdf-8782-e53db20768a5' },
  },
  {
    action: 'get_page',
    arguments: { page_id: '59833787-2cf9-4fdf-8782-e53db20768a5' },
    request: 'GET https://api.notion.com/v1/pages/59833787-2cf9-4fdf-8782-e53db20768a5',
    answer: { body: { object: 'page', id: '59833787-2cf9-4fdf-8782-e53db20768a5' } },
    output: { object: 'page', id: '59833787-2cf9-4fdf-8782-e53db20768a5' },
  },
  {
    action: 'get_page_content',
    arguments: { page_id: '598337872cf94fdf8782e53db20768a5', limit: 50, cursor: '7c6b' },
    request:
      'GET https://api.notion.com/v1/blocks/598337872cf94fdf8782e53db20768a5/children?page_size=50&start_cursor=7c6b',
    answer: { body: { object: 'list', results: [{ type: 'paragraph' }], next_cursor: null, has_more: false } },
    output: { object: 'list', results: [{ type: 'paragraph' }], next_cursor: null, has_more: false },
  },
  {
    action: 'append_to_page',
    arguments: { page_id: '59833787-2cf9-4fdf-8782-e53db20768a5', content: 'Lacinato kale' },
    request: 'PATCH https://api.notion.com/v1/blocks/59833787-2cf9-4fdf-8782-e53db20768a5/children',
    body: { children: [paragraph('Lacinato kale')] },
    answer: { body: { object: 'list', results: [{ id: 'c02fc1d3' }], has_more: false } },
    output: [{ id: 'c02fc1d3' }],
  },
  {
    action: 'search',
    arguments: { query: 'External tasks', object: 'data_source', limit: 10, cursor: '7c6b' },
    request: 'POST https://api.notion.com/v1/search',
    body: {
      query: 'External tasks',
      filter: { property: 'object', value: 'data_source' },
      sort: { timestamp: 'last_edited_time', direction: 'descending' },
      page_size: 10,
      start_cursor: '7c6b',
    },
    answer: { body: { object: 'list', results: [{ object: 'data_source' }], next_cursor: null, has_more: false } },
    output: { object: 'list', results: [{ object: 'data_source' }], next_cursor: null, has_more: false },
  },
]

function paragraph(content: string) {
  return { object: 'block', type: 'paragraph', paragraph: { rich_text: [{ type: 'text', text: { content } }] } }
}
