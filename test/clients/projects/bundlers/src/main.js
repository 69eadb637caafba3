/** Every module of latchkey-client, without the optional package graphql-ws. */
import { createLatchkey, NotFoundError } from 'latchkey-client'
import { connect } from 'latchkey-client/connect'
import possibleTypes from 'latchkey-client/possible-types.json'
import { ConnectButton } from 'latchkey-client/react'
import { verifyWebhook } from 'latchkey-client/webhooks'

const latchkey = createLatchkey({ url: globalThis.LATCHKEY_URL, key: globalThis.LATCHKEY_KEY })

globalThis.exported = { connect, ConnectButton, verifyWebhook, possibleTypes }
globalThis.result = latchkey.workspaces.delete({ workspaceId: 'missing' }).catch((error) => ({
  isNotFound: error instanceof NotFoundError,
  name: error.name,
}))
