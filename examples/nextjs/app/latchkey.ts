/**
 * A product with Next.js: `npm install`, `npm run build` and `npm start` in `examples/nextjs`, with LATCHKEY_KEY (`PRODUCT_KEY` of
 * `examples/set-up.ts`) and WORKSPACE, and where Latchkey or the product is elsewhere LATCHKEY_URL and PRODUCT_URL. Its one user is Ada,
 * who is signed in.
 */
import 'server-only'
import { createLatchkey } from 'latchkey-client'

/** The address of Latchkey, also for the browser. */
export const url = process.env.LATCHKEY_URL || 'http://127.0.0.1:4000'
/** Where this product is. */
export const origin = process.env.PRODUCT_URL || 'http://127.0.0.1:3000'
export const workspaceId = process.env.WORKSPACE ?? ''
/** With an ADMIN key of the product's workspace, which never reaches the browser. */
export const latchkey = createLatchkey({ url, key: process.env.LATCHKEY_KEY })

/** Who is signed in. In your product, this comes from its session, and never from what the browser says. */
export async function signedInUser(): Promise<string> {
  return 'ada'
}

/** Confirms what the user has connected, and starts a sync. @returns the name of the connection */
export async function confirm(handle: string): Promise<string> {
  const { connection } = await latchkey.connections.confirm({ handle, endUserExternalId: await signedInUser() })
  // The list shows an account that has to be connected again.
  await latchkey.sync.trigger({ connectionId: connection.id }, { onReconnect: () => undefined })
  return connection.displayName
}
