import { microsoftHeaders, microsoftLimited, microsoftRefused, microsoftTokens } from './microsoft-answers.ts'
import type { ProviderTrial } from './trial.ts'

export const trial: ProviderTrial = {
  ...microsoftTokens,
  test: {
    asks: 'GET graph.microsoft.com/v1.0/me/drive',
    headers: microsoftHeaders,
    good: { body: { id: 'b!t18F8', driveType: 'personal' } },
    refused: microsoftRefused,
  },
  streams: [
    {
      name: 'items',
      pages: [
        {
          body: {
            '@odata.nextLink': 'https://graph.microsoft.com/v1.0/me/drive/root/delta(token=1230919asd190410jlka)',
            value: [{ id: '0123456789abc', name: 'folder2', folder: {} }],
          },
        },
        {
          body: {
            '@odata.deltaLink': 'https://graph.microsoft.com/v1.0/me/drive/root/delta?(token=1230919asd190410jlka)',
            value: [{ id: '123010204abac', name: 'file.txt', file: {} }],
          },
        },
      ],
      keys: ['0123456789abc', '123010204abac'],
      asksFor: 'delta(token=1230919asd190410jlka)',
      limited: microsoftLimited,
    },
  ],
}
