import type { ActionDefinition } from '../definition/action.ts'
import { choice, cursor, input, limit, onlyWith, text } from './input.ts'

const reference = 'https://developers.notion.com/reference'
const id = (description: string) =>
  text(description, { pattern: '^[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}$' })
const content = text('Text, as one paragraph.', { maxLength: 2000 })
const paragraph = {
  object: 'block',
  type: 'paragraph',
  paragraph: { rich_text: [{ type: 'text', text: { content: '{{ args.content }}' } }] },
}
const title = { title: { title: [{ type: 'text', text: { content: '{{ args.title }}' } }] } }

/** `scopes` are capabilities of the integration, which are set in Notion. */
export const notionActions: ActionDefinition[] = [
  {
    name: 'create_page',
    title: 'Create a page',
    description:
      'Creates a page below another page that is shared with the integration. Returns the page with its id and url.',
    docsUrl: `${reference}/post-page`,
    scopes: ['Insert content'],
    input: input(
      { parent_page_id: id('Id of the page below which it is created.'), title: text('Title.', { maxLength: 2000 }) },
      { content },
    ),
    request: {
      method: 'POST',
      path: '/pages',
      json: {
        parent: { type: 'page_id', page_id: '{{ args.parent_page_id }}' },
        properties: title,
        children: [onlyWith('content', paragraph)],
      },
    },
  },
  {
    name: 'create_database_page',
    title: 'Add a page to a database',
    description:
      'Adds a page to a data source of a database. properties has Notion’s property values by the names of the columns, the title among them. Returns the page.',
    docsUrl: `${reference}/post-page`,
    scopes: ['Insert content'],
    input: input(
      {
        data_source_id: id('Id of the data source. search returns it.'),
        properties: {
          type: 'object',
          minProperties: 1,
          description:
            'Property values by name, such as {"Name": {"title": [{"text": {"content": "Tuscan kale"}}]}, "Done": {"checkbox": true}}.',
        },
      },
      { content },
    ),
    request: {
      method: 'POST',
      path: '/pages',
      json: {
        parent: { type: 'data_source_id', data_source_id: '{{ args.data_source_id }}' },
        properties: '{{ args.properties }}',
        children: [onlyWith('content', paragraph)],
      },
    },
  },
  {
    name: 'get_page',
    title: 'Get a page',
    description: 'Returns one page with its properties. get_page_content returns its text.',
    docsUrl: `${reference}/retrieve-a-page`,
    scopes: ['Read content'],
    readOnly: true,
    input: input({ page_id: id('Id of the page. search returns it.') }),
    request: { method: 'GET', path: '/pages/{{ args.page_id }}' },
  },
  {
    name: 'get_page_content',
    title: 'Get the text of a page',
    description:
      'Lists the blocks of a page or of a block, without what is nested in them (has_children). Returns results; next_cursor is the cursor of the next page.',
    docsUrl: `${reference}/get-block-children`,
    scopes: ['Read content'],
    readOnly: true,
    input: input(
      { page_id: id('Id of the page or of the block.') },
      { limit: limit(100, 100), cursor: cursor('next_cursor') },
    ),
    request: {
      method: 'GET',
      path: '/blocks/{{ args.page_id }}/children',
      query: { page_size: '{{ args.limit | default(100) }}', start_cursor: '{{ args.cursor }}' },
    },
  },
  {
    name: 'append_to_page',
    title: 'Append text to a page',
    description: 'Adds a paragraph at the end of a page. Returns the new blocks.',
    docsUrl: `${reference}/patch-block-children`,
    scopes: ['Insert content'],
    input: input({ page_id: id('Id of the page.'), content }),
    request: {
      method: 'PATCH',
      path: '/blocks/{{ args.page_id }}/children',
      json: { children: [paragraph] },
    },
    output: ['results'],
  },
  {
    name: 'search',
    title: 'Search pages and data sources',
    description:
      'Searches the titles of pages and data sources that are shared with the integration, the last edited first. Returns results; next_cursor is the cursor of the next page.',
    docsUrl: `${reference}/post-search`,
    scopes: ['Read content'],
    readOnly: true,
    input: input(
      {},
      {
        query: text('Words in the title. Default: everything.'),
        object: choice('Only pages, or only data sources.', ['page', 'data_source']),
        limit: limit(100, 25),
        cursor: cursor('next_cursor'),
      },
    ),
    request: {
      method: 'POST',
      path: '/search',
      json: {
        query: '{{ args.query }}',
        filter: onlyWith('object', { property: 'object', value: '{{ args.object }}' }),
        sort: { timestamp: 'last_edited_time', direction: 'descending' },
        page_size: '{{ args.limit | default(25) }}',
        start_cursor: '{{ args.cursor }}',
      },
    },
  },
]
