import { mcpTrial } from '../providers/mcp-answers.ts'

export const trial = mcpTrial('Notion', 'mcp.notion.com')
