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
    ['streams.1.parent: is read by no template of path, query, headers or json'],
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
