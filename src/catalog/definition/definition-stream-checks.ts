import { compileTemplate, namesOf } from '../template/template.ts'
import { TemplateError } from '../template/template-error.ts'
import { stringsIn } from '../template/template-schema.ts'
import type { Report } from './definition-checks.ts'
import type { StreamDefinition } from './stream.ts'

type At = readonly (string | number)[]

/** @param earlier names of the streams before this one: parents are read first, so that none is its own ancestor */
export function checkParent(stream: StreamDefinition, path: At, earlier: ReadonlySet<string>, report: Report): void {
  const reads = placesOf(stream).filter(({ source }) => readsParent(source))
  if (stream.parent === undefined) {
    for (const { path: place } of reads) report([...path, ...place], 'reads parent, but this stream has none')
    return
  }
  const { stream: name } = stream.parent
  if (!earlier.has(name)) report([...path, 'parent', 'stream'], `${name} is not the name of an earlier stream`)
  // It would ask the same of every parent.
  if (reads.length === 0) report([...path, 'parent'], 'is read by no template of path, query, headers or json')
}

/** Lines have no place beside the records: no list to look for, no link and no cursor. */
export function checkFormat(stream: StreamDefinition, path: At, report: Report): void {
  const { format, pagination } = stream
  if (format === undefined || format === 'json') return
  if (stream.recordsPath !== undefined && stream.recordsPath.length > 0) {
    report([...path, 'recordsPath'], `has no meaning in ${format}: each line is a record`)
  }
  if (pagination?.type === 'next_url' || pagination?.type === 'cursor') {
    report([...path, 'pagination', 'type'], `must be one of link_header, page, offset, because the format is ${format}`)
  }
}

function placesOf({ path, query, headers, json }: StreamDefinition) {
  return [...stringsIn({ path, query, headers, json }, [])]
}

/** A template that does not parse is reported at its own place. */
function readsParent(source: string): boolean {
  try {
    return namesOf(compileTemplate(source)).includes('parent')
  } catch (error) {
    if (error instanceof TemplateError) return false
    throw error
  }
}
