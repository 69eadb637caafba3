import { input, limit, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { StreamDefinition } from '../definition/stream.ts'
import { graphPages, graphSources } from './microsoft.ts'

/** Documentation that both ways to SharePoint Online share. */
export const sharepointSources = graphSources(
  'api/drive-list',
  'api/driveitem-delta',
  'api/driveitem-search',
  'api/listitem-list',
  'api/listitem-create',
)

/**
 * The streams below the sites. The delta function of SharePoint takes a time in place of its token, so that a file or folder is read again
 * when it has changed or was deleted since. Deleted ones have the facet `deleted`, which is an object.
 */
export const sharepointStreams: StreamDefinition[] = [
  {
    name: 'drives',
    parent: { stream: 'sites' },
    path: '/sites/{{ parent.id }}/drives',
    recordsPath: ['value'],
    primaryKey: [['id']],
    pagination: graphPages,
  },
  {
    name: 'items',
    parent: { stream: 'drives' },
    path: '/drives/{{ parent.id }}/root/delta',
    records: { path: ['value'], set: { isDeleted: '{{ record.deleted is defined }}' } },
    primaryKey: [['id']],
    pagination: graphPages,
    deletes: { path: ['isDeleted'], equals: true },
    incremental: {
      cursorField: ['lastModifiedDateTime'],
      param: 'token',
      format: '%Y-%m-%dT%H:%M:%SZ',
      per: 'parent',
    },
  },
  {
    name: 'lists',
    parent: { stream: 'sites' },
    path: '/sites/{{ parent.id }}/lists',
    recordsPath: ['value'],
    primaryKey: [['id']],
    pagination: graphPages,
  },
  {
    name: 'list_items',
    parent: { stream: 'lists' },
    path: '/sites/{{ parent.parent.id }}/lists/{{ parent.id }}/items',
    query: { $expand: 'fields' },
    recordsPath: ['value'],
    primaryKey: [['id']],
    pagination: graphPages,
  },
]

const site = text('Id of the site, such as contoso.sharepoint.com,da60e844-…,712a596e-….')
const list = text('Id of the list.')

/** @param read the permission to read sites @param write the one to change them */
export function sharepointActions(read: string, write: string): ActionDefinition[] {
  return [
    {
      name: 'search_files',
      title: 'Search for files',
      description:
        'Searches names, metadata and content of the files in a document library. Returns value; @odata.nextLink is absent on the last page.',
      docsUrl: 'https://learn.microsoft.com/graph/api/driveitem-search',
      scopes: [read],
      readOnly: true,
      input: input(
        {
          drive_id: text('Id of the document library.'),
          query: text('Words to search for.', { pattern: "^[^'/\\\\]+$", maxLength: 200 }),
        },
        { limit: limit(200, 25) },
      ),
      request: {
        method: 'GET',
        path: "/drives/{{ args.drive_id }}/root/search(q='{{ args.query }}')",
        query: {
          $select: 'id,name,size,folder,file,parentReference,webUrl,createdDateTime,lastModifiedDateTime',
          $top: '{{ args.limit | default(25) }}',
        },
      },
    },
    {
      name: 'list_list_items',
      title: 'List the items of a list',
      description:
        'Lists items of a SharePoint list with the values of their columns. Returns value; @odata.nextLink is absent on the last page.',
      docsUrl: 'https://learn.microsoft.com/graph/api/listitem-list',
      scopes: [read],
      readOnly: true,
      input: input({ site_id: site, list_id: list }, { limit: limit(200, 50) }),
      request: {
        method: 'GET',
        path: '/sites/{{ args.site_id }}/lists/{{ args.list_id }}/items',
        query: { $expand: 'fields', $top: '{{ args.limit | default(50) }}' },
      },
    },
    {
      name: 'create_list_item',
      title: 'Create an item in a list',
      description: 'Adds an item to a SharePoint list and returns it with its id.',
      docsUrl: 'https://learn.microsoft.com/graph/api/listitem-create',
      scopes: [write],
      input: input({
        site_id: site,
        list_id: list,
        fields: {
          type: 'object',
          minProperties: 1,
          description: 'Values by the names of the columns, such as {"Title": "Widget", "Weight": 32}.',
        },
      }),
      request: {
        method: 'POST',
        path: '/sites/{{ args.site_id }}/lists/{{ args.list_id }}/items',
        json: { fields: '{{ args.fields }}' },
      },
    },
  ]
}
