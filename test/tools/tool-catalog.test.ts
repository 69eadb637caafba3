import { expect, it } from 'vitest'
import { toolNameOf } from '../../src/tools/tool-catalog.ts'

it('toolNameOf: the slug and the name of the action, where clients accept that', () => {
  expect(toolNameOf('github', 'create_issue')).toBe('github_create_issue')
  expect(toolNameOf('my-crm', 'a-b')).toBe('my-crm_a-b')
  expect(toolNameOf('a', 'b'.repeat(62))).toBe(`a_${'b'.repeat(62)}`)
})

it('toolNameOf: a longer name, and one with a dot, end in a hash that tells them apart', () => {
  const long = 'list_of_the_things_that_were_changed_since_the_last_time'
  const names = [
    toolNameOf('a-rather-long-slug', `${long}_1`),
    toolNameOf('a-rather-long-slug', `${long}_2`),
    toolNameOf('crm', 'contacts.list'),
    toolNameOf('crm', 'contacts_list'),
  ]
  expect(new Set(names).size).toBe(4)
  for (const name of names) expect(name).toMatch(/^[A-Za-z0-9_-]{1,64}$/)
  expect(names[2]).toMatch(/^crm_contacts_list_[0-9a-f]{8}$/)
})
