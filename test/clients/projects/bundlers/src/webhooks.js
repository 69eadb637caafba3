/** One module alone. */
import { verifyWebhook } from 'latchkey-client/webhooks'

globalThis.result = verifyWebhook('{}', {}, 'whsec_MDEyMzQ1Njc4OWFiY2RlZg==').catch(({ message }) => message)
