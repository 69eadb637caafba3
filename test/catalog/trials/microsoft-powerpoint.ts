import { documentTrial } from './microsoft-word.ts'

export const trial = documentTrial('presentations', 'pptx')
