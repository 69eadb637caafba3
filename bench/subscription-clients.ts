/**
 * A process with many subscribers over graphql-transport-ws, each with its own socket. Each must receive the events 0, 1, 2,
 * … once and in order. Prints when all have received the first event, and the time of each burst from its first delivery to
 * its last.
 * Arguments: URL, number of subscribers, events in a burst, API key, global id of the workspace, cursor.
 */
import { WebSocket } from 'ws'
import { numberIn, SUBSCRIPTION } from './subscription-message.ts'

const [url = '', count = '', burst = '', key = '', workspaceId = '', after = ''] = process.argv.slice(2)
const COUNT = Number(count)
const BURST = Number(burst)
const OPENING_AT_ONCE = 100

let delivered = 0
let wrong = 0
let bytes = 0
let began = 0

function deliver(): void {
  delivered += 1
  const inBurst = delivered - COUNT
  if (inBurst === 0) process.stdout.write('all have the first\n')
  if (inBurst <= 0) return
  if (inBurst % (COUNT * BURST) === 1) began = performance.now()
  if (inBurst % (COUNT * BURST) !== 0) return
  const ms = performance.now() - began
  process.stdout.write(`burst ${inBurst / (COUNT * BURST)} took ${ms.toFixed(0)} ms, wrong ${wrong}, bytes ${bytes}\n`)
}

function open(): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const socket = new WebSocket(url, 'graphql-transport-ws', { perMessageDeflate: false, skipUTF8Validation: true })
  let expected = 0
  socket.on('open', () => {
    socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${key}` } }))
  })
  socket.on('message', (data: Buffer) => {
    const message = data.toString('latin1')
    const number = numberIn(message)
    if (number !== null) {
      if (number !== expected) wrong += 1
      expected = number + 1
      bytes = data.length
      deliver()
    } else if (message.includes('connection_ack')) {
      const payload = { query: SUBSCRIPTION, variables: { workspaceId, after: after === '' ? null : after } }
      socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload }))
      resolve()
    } else if (!message.includes('"ping"')) {
      process.stderr.write(`${message}\n`)
    }
  })
  socket.on('error', reject)
  socket.on('close', (code, reason) => {
    process.stderr.write(`closed: ${code} ${reason}\n`)
    process.exit(1)
  })
  return promise
}

for (let opened = 0; opened < COUNT; opened += OPENING_AT_ONCE) {
  await Promise.all(Array.from({ length: Math.min(OPENING_AT_ONCE, COUNT - opened) }, open))
}
process.stdout.write('all are open\n')
process.once('SIGTERM', () => process.exit(0))
