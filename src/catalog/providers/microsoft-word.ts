import { documentProduct } from '../families/microsoft-documents.ts'
import type { ProviderFile } from '../provider-file.ts'

export const provider: ProviderFile = documentProduct({
  displayName: 'Microsoft Word',
  aliases: ['word', 'ms word', 'word documents', 'word-dokumente', 'docx', 'office 365 word'],
  color: '#2b579a',
  files: 'documents',
  extensions: 'docx|docm|doc|dotx|dotm|dot',
})
