/**
 * An API for the benchmarks of syncs: `GET /items/<total>/<page>?cursor=<first>` returns pages of records of 1 KiB. Without
 * <page> a page has 1,000.
 */
import { createServer } from 'node:http'

const PAGE = 1_000
const RECORD_BYTES = 1_024

const rest = `,"name":"Jane Doe","email":"jane.doe@example.com","tags":["a","b","c"],"active":true,"amount":1234.5,"note":"`
function recordOf(number: number): string {
  const start = `{"id":"${String(number).padStart(9, '0')}"${rest}`
  return `${start}${'x'.repeat(RECORD_BYTES - start.length - 2)}"}`
}

const server = createServer((request, response) => {
  const url = new URL(request.url ?? '/', 'http://source')
  const [, , total = 0, size = PAGE] = url.pathname.split('/').map(Number)
  const first = Number(url.searchParams.get('cursor') ?? 0)
  const end = Math.min(first + size, total)
  let body = '{"data":['
  for (let number = first; number < end; number += 1) body += `${number === first ? '' : ','}${recordOf(number)}`
  body += `],"next":${end < total ? end : null}}`
  response.setHeader('content-type', 'application/json')
  response.end(body)
})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  if (typeof address === 'object') process.stdout.write(`ready on ${address?.port}\n`)
})
process.once('SIGTERM', () => process.exit(0))
