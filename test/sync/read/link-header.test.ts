import { describe, expect, it } from 'vitest'
import { nextLink } from '../../../src/sync/read/pagination.ts'

describe('the next link of a Link header (RFC 8288)', () => {
  it.each([
    ['is absent', null, undefined],
    ['is empty', '', undefined],
    ['is the only link', '<https://x.example/?a=1>; rel="next"', 'https://x.example/?a=1'],
    ['has no quotes', '<b>;rel=next', 'b'],
    ['is written in capitals', '<b>; REL="NEXT"', 'b'],
    ['is one of several relations', '<b>; rel="last next"', 'b'],
    ['is between other links', '<a>; rel="prev", <b>; rel="next", <c>; rel="last"', 'b'],
    ['has commas and semicolons in its target', '<a?x=1,2;3>; rel="next"', 'a?x=1,2;3'],
    ['has commas and semicolons in a quoted parameter', '<a>; title="x, <y>; rel=next", <b>; rel="next"', 'b'],
    ['has an escaped quote in a parameter', String.raw`<b>; title="a\"b"; rel="next"`, 'b'],
    ['has spaces around everything', ' < b > ; rel = "next" ', 'b'],
    ['has two rel parameters, of which the first one counts', '<b>; rel="prev"; rel="next"', undefined],
    ['has a relation that only begins with next', '<b>; rel="nextish"', undefined],
    ['belongs to another resource', '<b>; rel="next"; anchor="#part"', undefined],
    ['is cut off', '<b', undefined],
    ['has a parameter without a value', '<b>; flag; rel=next', 'b'],
  ])('is found where it %s', (_name, header, target) => {
    expect(nextLink(header)).toBe(target)
  })
})
