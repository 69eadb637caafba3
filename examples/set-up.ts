/**
 * What is done once for a product: a workspace, the sandbox as its integration, and an ADMIN key of this workspace. With LATCHKEY_KEY, an
 * operator key, and where they are elsewhere LATCHKEY_URL and PRODUCT_URL. Prints variables for the other examples, as a shell reads them.
 */
import { createLatchkey } from 'latchkey-client'

const url = process.env['LATCHKEY_URL'] || 'http://127.0.0.1:4000'
const operator = createLatchkey({ url, key: process.env['LATCHKEY_KEY'] })
// Where a browser may come back to after connecting: without a popup, and by a link of a tool.
const redirectUrls = [`${process.env['PRODUCT_URL'] || 'http://127.0.0.1:3000'}/connected`]
const { workspace } = await operator.workspaces.create({ name: 'A product', redirectUrls })
const workspaceId = workspace.id
await operator.integrations.create({ workspaceId, slug: 'sandbox', provider: 'sandbox' })
const { key } = await operator.apiKeys.create({ workspaceId, name: 'product', role: 'ADMIN' })
process.stdout.write(`export PRODUCT_KEY='${key}' WORKSPACE='${workspaceId}'\n`)
