/** A node of a syntax tree, as far as we look at one. */
export interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [key: string]: unknown
}

export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'
}

/** Visit every node from outside in, with the name of the function it stands in: its own, or that of what it is assigned to. */
export function walk(root: unknown, visit: (node: Node, functionName: string | undefined) => void): void {
  const go = (value: unknown, functionName: string | undefined, given: string | undefined): void => {
    if (Array.isArray(value)) {
      for (const item of value) go(item, functionName, undefined)
      return
    }
    if (!isNode(value)) return
    const inside = isFunction(value) ? (nameOf(value['id']) ?? given ?? functionName) : functionName
    visit(value, inside)
    const named = nameOf(value['id']) ?? nameOf(value['key'])
    for (const [key, child] of Object.entries(value))
      go(child, inside, key === 'init' || key === 'value' ? named : undefined)
  }
  go(root, undefined, undefined)
}

export function isFunction({ type }: Node): boolean {
  return type === 'FunctionDeclaration' || type === 'FunctionExpression' || type === 'ArrowFunctionExpression'
}

export function nameOf(value: unknown): string | undefined {
  return isNode(value) && typeof value['name'] === 'string' ? value['name'] : undefined
}
