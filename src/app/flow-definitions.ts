/** Flows as an app holds them, and the tools that come with them: one name, one tool. */
import { BattutaError } from '../base/index.ts'
import type { FlowDefinition, SlotDefinition, ToolDefinition } from '../definition/index.ts'
import type { FlowDraft, SlotDraft, ToolDraft } from './draft.ts'
import { mapped } from './mapped.ts'

/** Throws APP_INVALID where two flows mean different tools by one name: a call that comes back must know its tool. */
export function flowsAndTools(drafts: Readonly<Record<string, FlowDraft>> | undefined): {
  flows: Record<string, FlowDefinition>
  tools: Record<string, ToolDefinition>
} {
  const held = new Map<string, { readonly draft: unknown; readonly flow: string }>()
  for (const [flow, draft] of Object.entries(drafts ?? {})) {
    for (const [tool, made] of Object.entries((draft as Partial<FlowDraft> | null)?.tools ?? {})) {
      const first = held.get(tool)
      if (first !== undefined && first.draft !== made)
        throw new BattutaError(
          'APP_INVALID',
          `flows.${flow}.tools.${tool}: is another tool than the “${tool}” of flows.${first.flow}: rename one, or give both the same tool(…)`,
        )
      held.set(tool, { draft: made, flow })
    }
  }
  const tools = Object.fromEntries([...held].map(([name, { draft }]) => [name, draft]))
  return {
    flows: mapped<FlowDefinition>(drafts, (draft, name) => flowDefinition(draft as FlowDraft, name)),
    tools: mapped<ToolDefinition>(tools, (draft, name) => ({ ...(draft as ToolDraft), name })),
  }
}

function flowDefinition(draft: FlowDraft, name: string): FlowDefinition {
  const slots = mapped<SlotDefinition>(draft.slots, (given, key) => ({ ...(given as SlotDraft), name: key }))
  return { ...draft, name, slots, tools: Object.keys(draft.tools ?? {}) }
}
