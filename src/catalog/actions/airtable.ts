import type { ActionDefinition } from '../definition/action.ts'
import { cursor, flag, input, limit, text } from './input.ts'

const reference = 'https://airtable.com/developers/web/api'
const table = {
  base_id: text('Id of the base, such as appXXXXXXXXXXXXXX.', { pattern: '^app[A-Za-z0-9]{14}$' }),
  table: text('Id or name of the table.'),
}
const record = { record_id: text('Id of the record, such as recXXXXXXXXXXXXXX.', { pattern: '^rec[A-Za-z0-9]{14}$' }) }
const fields = {
  type: 'object',
  minProperties: 1,
  description: 'Values by the names of the fields, such as {"Name": "Union Square", "Visited": true}.',
} as const
const typecast = flag('Whether Airtable converts text to the type of the field. Default: false.')
const path = '/{{ args.base_id }}/{{ args.table | urlencode }}'
const READ = ['data.records:read']
const WRITE = ['data.records:write']

export const airtableActions: ActionDefinition[] = [
  {
    name: 'create_record',
    title: 'Create a record',
    description: 'Creates a record in a table and returns it with its id.',
    docsUrl: `${reference}/create-records`,
    scopes: WRITE,
    input: input({ ...table, fields }, { typecast }),
    request: { method: 'POST', path, json: { fields: '{{ args.fields }}', typecast: '{{ args.typecast }}' } },
  },
  {
    name: 'update_record',
    title: 'Update a record',
    description: 'Changes the given fields of a record and leaves the others. Returns the record.',
    docsUrl: `${reference}/update-record`,
    scopes: WRITE,
    destructive: true,
    input: input({ ...table, ...record, fields }, { typecast }),
    request: {
      method: 'PATCH',
      path: `${path}/{{ args.record_id }}`,
      json: { fields: '{{ args.fields }}', typecast: '{{ args.typecast }}' },
    },
  },
  {
    name: 'get_record',
    title: 'Get a record',
    description: 'Returns one record. Fields that are empty are missing.',
    docsUrl: `${reference}/get-record`,
    scopes: READ,
    readOnly: true,
    input: input({ ...table, ...record }),
    request: { method: 'GET', path: `${path}/{{ args.record_id }}` },
  },
  {
    name: 'list_records',
    title: 'List records',
    description:
      'Lists records of a table, all or those for which a formula is true. Returns records; offset is the cursor of the next page.',
    docsUrl: `${reference}/list-records`,
    scopes: READ,
    readOnly: true,
    input: input(table, {
      formula: text('Airtable formula, such as: {Status} = "Open".', { maxLength: 8000 }),
      view: text('Id or name of a view, whose filter and order apply.'),
      limit: limit(100, 100),
      cursor: cursor('offset'),
    }),
    request: {
      method: 'GET',
      path,
      query: {
        filterByFormula: '{{ args.formula }}',
        view: '{{ args.view }}',
        pageSize: '{{ args.limit | default(100) }}',
        offset: '{{ args.cursor }}',
      },
    },
  },
  {
    name: 'delete_record',
    title: 'Delete a record',
    description: 'Deletes a record. Returns its id and deleted: true.',
    docsUrl: `${reference}/delete-record`,
    scopes: WRITE,
    destructive: true,
    input: input({ ...table, ...record }),
    request: { method: 'DELETE', path: `${path}/{{ args.record_id }}` },
  },
  {
    name: 'list_tables',
    title: 'List tables of a base',
    description: 'Lists the tables of a base with their fields and views.',
    docsUrl: `${reference}/get-base-schema`,
    scopes: ['schema.bases:read'],
    readOnly: true,
    input: input({ base_id: table.base_id }),
    request: { method: 'GET', path: '/meta/bases/{{ args.base_id }}/tables' },
    output: ['tables'],
  },
]
