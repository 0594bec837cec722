/** Names every entry by its key. What is no draft stays as it is: `validateApp` refuses it and says where. */
export function mapped<Definition>(drafts: object | undefined, define: (draft: object, name: string) => Definition): Record<string, Definition> {
  const definitions = Object.entries(drafts ?? {}).map(([name, draft]) => [name, isObject(draft) ? define(draft, name) : draft] as const)
  return Object.fromEntries(definitions) as Record<string, Definition>
}

function isObject(draft: unknown): draft is object {
  return typeof draft === 'object' && draft !== null
}
