import type { CustomStrategy } from '../../../../src/auth/custom/custom-strategy.ts'

/** Two requests: one for a challenge, and one that exchanges the solved challenge for a token. The token is sent in a header. */
export const strategy: CustomStrategy = {
  name: 'two-step',
  fields: () => [
    { name: 'account', required: true },
    { name: 'pin', secret: true, required: true },
  ],
  check: ({ pin = '' }) => (/^\d+$/.test(pin) || pin.startsWith('example') ? {} : { pin: 'must be digits' }),
  open: ({ data }, { options, place }) => ({
    apply: (draft) => place(draft, { in: 'header', name: String(options['header']) }, String(data['token'])),
    secrets: [String(data['token'] ?? '')],
  }),
  async renew({ fields }, { egress, input, now, failure }) {
    const ask = async (path: string): Promise<Record<string, unknown>> => {
      const response = await egress.send({ method: 'POST', url: `http://${input['host']}${path}`, redirect: 'never' })
      const body: Record<string, unknown> = JSON.parse(await response.text())
      if (response.status === 200) return body
      throw failure('The account is locked.', { reason: 'INVALID_GRANT', retryable: false })
    }
    const { challenge } = await ask(`/challenge/${fields['account']}`)
    const { token } = await ask(`/token/${challenge}-${fields['pin']}`)
    return { data: { token }, expiresAt: new Date(now.getTime() + 60_000), scopes: ['all'], kept: { challenge } }
  },
  example: { options: { header: 'X-Token' }, data: { token: 'example-token' } },
}
