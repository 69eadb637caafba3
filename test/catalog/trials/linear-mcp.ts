import { mcpTrial } from '../providers/mcp-answers.ts'

export const trial = mcpTrial('Linear', 'mcp.linear.app')
