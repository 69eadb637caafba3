import { documentProduct } from '../families/microsoft-documents.ts'
import type { ProviderFile } from '../provider-file.ts'

export const provider: ProviderFile = documentProduct({
  displayName: 'Microsoft PowerPoint',
  aliases: ['powerpoint', 'power point', 'ms powerpoint', 'presentations', 'präsentationen', 'pptx'],
  color: '#b7472a',
  files: 'presentations',
  extensions: 'pptx|pptm|ppt|ppsx|ppsm|pps|potx|potm|pot',
})
