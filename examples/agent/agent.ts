/**
 * An agent that works with the accounts of one user through MCP: `node examples/agent/agent.ts "what is there to do?"`, with LATCHKEY_KEY
 * (`PRODUCT_KEY` of `examples/set-up.ts`) and WORKSPACE, USER_ID (ada), and where Latchkey is elsewhere LATCHKEY_URL.
 *
 * `decide` is where your model belongs: it gets the tools with their schemas and what has been said so far, and returns the next step. Here
 * it follows simple rules, so that the example runs without a model.
 */
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { createLatchkey } from 'latchkey-client'

const { LATCHKEY_KEY: key = '', WORKSPACE: workspaceId = '', USER_ID: endUserExternalId = 'ada' } = process.env
const url = process.env['LATCHKEY_URL'] || 'http://127.0.0.1:4000'
const question = process.argv.slice(2).join(' ') || 'what is there to do?'

interface Tool {
  name: string
  description?: string | undefined
  inputSchema: { required?: string[] | undefined }
}

/** A call of a tool, or the answer. */
type Step = { tool: string; arguments: Record<string, unknown> } | { answer: string }

const COMMON: ReadonlySet<string> = new Set(['what', 'which', 'there', 'have', 'show', 'list'])

function decide(asked: string, tools: readonly Tool[], results: readonly string[]): Step {
  const last = results.at(-1)
  if (last !== undefined) return { answer: last }
  const words = (asked.toLowerCase().match(/[a-z]{4,}/g) ?? []).filter((word) => !COMMON.has(word))
  const usable = tools.filter(({ inputSchema }) => (inputSchema.required ?? []).length === 0)
  const score = ({ name, description = '' }: Tool) => {
    const hits = (text: string) => words.filter((word) => text.toLowerCase().includes(word)).length
    return 2 * hits(name) + hits(description)
  }
  const [best] = usable.toSorted((one, other) => score(other) - score(one))
  return best === undefined ? { answer: 'There is no tool for this.' } : { tool: best.name, arguments: {} }
}

// The session is this user's: its tools reach no account of anybody else.
const latchkey = createLatchkey({ url, key })
const session = await latchkey.toolSessions.create({ workspaceId, endUserExternalId })
const client = new Client({ name: 'example-agent', version: '1.0.0' })
const headers = { authorization: `Bearer ${session.token}` }
await client.connect(new StreamableHTTPClientTransport(new URL(session.url), { requestInit: { headers } }))
try {
  const { tools } = await client.listTools()
  const results: string[] = []
  for (;;) {
    const step = decide(question, tools, results)
    if ('answer' in step) {
      process.stdout.write(`${step.answer}\n`)
      break
    }
    process.stdout.write(`Calling ${step.tool} …\n`)
    const { content } = await client.callTool({ name: step.tool, arguments: step.arguments })
    // Where an account is missing, the result is a link for the user.
    results.push((content as { text?: string }[]).map(({ text = '' }) => text).join('\n'))
  }
} finally {
  await client.close()
  await latchkey.toolSessions.revoke({ toolSessionId: session.id })
}
