import { expect, it } from 'vitest'
import { problemsOf } from './problems-of.ts'

const projects = { name: 'projects', path: '/projects', primaryKey: ['id'] }
const tasks = {
  name: 'tasks',
  parent: { stream: 'projects' },
  path: '/projects/{{ parent.id }}/tasks',
  primaryKey: ['id'],
}
const csv = { name: 'rows', path: '/rows', primaryKey: ['id'], format: 'csv' }

const of = (...streams: unknown[]) =>
  problemsOf({ displayName: 'Acme', baseUrl: 'https://api.example.com', auth: { type: 'bearer' }, streams })

it('accepts a sub-stream of an earlier stream, and a sub-stream of that one', () => {
  expect(
    of(projects, tasks, {
      name: 'notes',
      parent: { stream: 'tasks' },
      path: '/notes',
      query: { task: '{{ parent.id }}' },
      primaryKey: ['id'],
    }),
  ).toEqual([])
})

it.each([
  [
    'a parent that there is not',
    [{ ...tasks, parent: { stream: 'x' } }],
    ['streams.0.parent.stream: x is not the name of an earlier stream'],
  ],
  [
    'a parent that comes later',
    [tasks, projects],
    ['streams.0.parent.stream: projects is not the name of an earlier stream'],
  ],
  [
    'itself as parent',
    [{ ...tasks, parent: { stream: 'tasks' } }],
    ['streams.0.parent.stream: tasks is not the name of an earlier stream'],
  ],
  [
    'a parent that no template reads',
    [projects, { ...tasks, path: '/tasks' }],
    ['streams.1.parent: is read by no template of path, query, headers, json or form'],
  ],
  [
    'several parents of which one is no earlier stream, and one is not read',
    [
      projects,
      { ...projects, name: 'years' },
      {
        ...tasks,
        parent: [
          { stream: 'projects', as: 'a' },
          { stream: 'x', as: 'a' },
          { stream: 'years', as: 'b' },
        ],
        path: '/{{ parent.a.id }}',
      },
    ],
    [
      'streams.2.parent.1.stream: x is not the name of an earlier stream',
      'streams.2.parent.2.as: is read by no template of path, query, headers, json or form: {{ parent.b }}',
    ],
  ],
  [
    'a stream that is a parent twice',
    [
      projects,
      {
        ...tasks,
        parent: [
          { stream: 'projects', as: 'a' },
          { stream: 'projects', as: 'b' },
        ],
        path: '/{{ parent.a.id }}/{{ parent.b.id }}',
      },
    ],
    ['streams.1.parent.1.stream: projects is already a parent'],
  ],
  [
    'templates that read a parent where there is none',
    [{ ...projects, path: '/{{ parent.id }}', json: { a: ['{{ parent.id }}'] } }],
    [
      'streams.0.path: reads parent, but this stream has no parent',
      'streams.0.json.a.0: reads parent, but this stream has no parent',
    ],
  ],
  ['a format that there is not', [{ ...csv, format: 'xml' }], ['streams.0.format: must be one of json, ndjson, csv']],
  [
    'a place of the records in CSV',
    [{ ...csv, recordsPath: ['a'] }],
    ['streams.0.recordsPath: must be left out, because each line of csv is a record'],
  ],
  [
    'a cursor in lines',
    [{ ...csv, format: 'ndjson', pagination: { type: 'cursor', path: 'next', param: 'c' } }],
    ['streams.0.pagination.type: must be one of link_header, page, offset, because the format is ndjson'],
  ],
])('refuses %s', (_name, streams, problems) => {
  expect(of(...streams)).toEqual(problems)
})

it('reports a template that does not parse together with the other errors', () => {
  expect(of({ ...projects, path: '/{{ config.' }, { ...csv, name: 'projects' })).toEqual([
    expect.stringMatching(/^streams\.0\.path: The template does not parse/),
    expect.stringMatching(/^streams\.1\.name: projects is the name of an earlier stream/),
  ])
})

it.each([
  [{ form: { a: 'x' }, json: { a: 'x' } }, 'form: must be left out, because a request has one body and json is given'],
  [
    { form: { p: '1' }, pagination: { type: 'page', param: 'p', in: 'form' } },
    'pagination.param: p is already set by this stream',
  ],
  [
    { json: {}, pagination: { type: 'page', param: 'p', in: 'form' } },
    'pagination.param: cannot go into a form, because the body of the request is JSON',
  ],
  [{ form: { a: '{{ parent.id }}' } }, 'form.a: reads parent, but this stream has no parent'],
  [{ query: { a: ['{{ b }}'] } }, 'query.a.0: reads b, which does not exist here'],
])('refuses a form or a parameter that cannot be sent: %j', (stream, problem) => {
  expect(of({ ...projects, ...stream })).toEqual([expect.stringContaining(`streams.0.${problem}`)])
})

it('refuses parameters that the credential sets, in the definition too', () => {
  const auth = { type: 'api_key', placement: { in: 'query', name: 'key' } }
  const definition = { displayName: 'Acme', baseUrl: 'https://api.example.com', auth, query: { key: 'x' } }
  expect(problemsOf(definition)).toEqual(['query.key: key is set by auth'])
  const inForm = { ...definition, query: {}, auth: { type: 'api_key', placement: { in: 'form', name: 'key' } } }
  expect(problemsOf({ ...inForm, streams: [{ ...projects, form: { key: 'x' } }] })).toEqual([
    'streams.0.form.key: key is set by auth',
  ])
})
