// Serves a schema of a PostgreSQL database as a GraphQL API, with PostGraphile's schema builder and engine.
// Arguments: connection string, schema, token, folder whose node_modules contain PostGraphile.
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { join } from 'node:path'

const [connectionString, schemaName, token, home] = process.argv.slice(2)
const require = createRequire(join(home, 'package.json'))
const { makePgService } = require('@dataplan/pg/adaptors/pg')
const { grafast } = require('grafast')
const { defaultPreset, makeSchema } = require('graphile-build')
const { defaultPreset: defaultPgPreset } = require('graphile-build-pg')

const pgService = makePgService({ connectionString, schemas: [schemaName], poolConfig: { max: 2 } })
const { schema, resolvedPreset } = await makeSchema({
  extends: [defaultPreset, defaultPgPreset],
  pgServices: [pgService],
})

const server = createServer(async (request, response) => {
  const chunks = []
  for await (const chunk of request) chunks.push(chunk)
  response.setHeader('content-type', 'application/json')
  if (request.headers.authorization !== `Bearer ${token}`) {
    response.statusCode = 401
    response.end(JSON.stringify({ errors: [{ message: 'Unknown token.' }] }))
    return
  }
  const { query, variables } = JSON.parse(Buffer.concat(chunks).toString())
  const result = await grafast({ schema, source: query, variableValues: variables, resolvedPreset, requestContext: {} })
  response.end(JSON.stringify(result))
})
server.listen(0, '127.0.0.1', () => process.stdout.write(`ready at http://127.0.0.1:${server.address().port}\n`))

process.once('SIGTERM', async () => {
  server.close()
  server.closeAllConnections()
  await pgService.release()
  process.exit(0)
})
