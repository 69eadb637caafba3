import type { ActionExample } from './example.ts'

const table = { base_id: 'appLkNDICXNqxSDhG', table: 'Places / visited' }
const path = 'https://api.airtable.com/v0/appLkNDICXNqxSDhG/Places%20%2F%20visited'

export const examples: ActionExample[] = [
  {
    action: 'create_record',
    arguments: { ...table, fields: { Name: 'Union Square', Visited: true }, typecast: true },
    request: `POST ${path}`,
    body: { fields: { Name: 'Union Square', Visited: true }, typecast: true },
    answer: { body: { id: 'rec560UJdUtocSouk', fields: { Name: 'Union Square' } } },
    output: { id: 'rec560UJdUtocSouk', fields: { Name: 'Union Square' } },
  },
  {
    action: 'update_record',
    arguments: { ...table, record_id: 'rec560UJdUtocSouk', fields: { Visited: false }, typecast: true },
    request: `PATCH ${path}/rec560UJdUtocSouk`,
    body: { fields: { Visited: false }, typecast: true },
    answer: { body: { id: 'rec560UJdUtocSouk', fields: { Name: 'Union Square' } } },
    output: { id: 'rec560UJdUtocSouk', fields: { Name: 'Union Square' } },
  },
  {
    action: 'get_record',
    arguments: { ...table, record_id: 'rec560UJdUtocSouk' },
    request: `GET ${path}/rec560UJdUtocSouk`,
    answer: { body: { id: 'rec560UJdUtocSouk', fields: { Name: 'Union Square' } } },
    output: { id: 'rec560UJdUtocSouk', fields: { Name: 'Union Square' } },
  },
  {
    action: 'list_records',
    arguments: { ...table, formula: '{Visited} = 1', view: 'Grid view', limit: 5, cursor: 'itr56/rec3' },
    request: `GET ${path}?filterByFormula=%7BVisited%7D%20%3D%201&view=Grid%20view&pageSize=5&offset=itr56%2Frec3`,
    answer: { body: { records: [{ id: 'rec560UJdUtocSouk' }], offset: 'itr56/rec4' } },
    output: { records: [{ id: 'rec560UJdUtocSouk' }], offset: 'itr56/rec4' },
  },
  {
    action: 'delete_record',
    arguments: { ...table, record_id: 'rec560UJdUtocSouk' },
    request: `DELETE ${path}/rec560UJdUtocSouk`,
    answer: { body: { id: 'rec560UJdUtocSouk', deleted: true } },
    output: { id: 'rec560UJdUtocSouk', deleted: true },
  },
  {
    action: 'list_tables',
    arguments: { base_id: 'appLkNDICXNqxSDhG' },
    request: 'GET https://api.airtable.com/v0/meta/bases/appLkNDICXNqxSDhG/tables',
    answer: { body: { tables: [{ id: 'tbltp8DGLhqbUmjK1', name: 'Apartments' }] } },
    output: [{ id: 'tbltp8DGLhqbUmjK1', name: 'Apartments' }],
  },
]
